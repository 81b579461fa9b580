import { writeAtomic, writeJson } from "../run/atomic.ts";
import { runFolder } from "../run/folder.ts";
import { readAssets } from "./assets.ts";
import { collectReport } from "./collect.ts";
import { type Assets, renderHtml } from "./html/page.ts";
import { renderMarkdown } from "./markdown.ts";

/** Where a report was written. */
export interface ReportFiles {
  html: string;
  json: string;
  markdown: string;
}

function destinations(runPath: string, output: string | undefined): ReportFiles {
  const folder = runFolder(output ?? runPath);
  return { html: folder.reportHtml, json: folder.reportJson, markdown: folder.reportMarkdown };
}

/** Writes report.html, report.json and report.md into the run folder, or into the folder `output`. */
export async function writeReport(
  runPath: string,
  options: { output?: string; assets?: Assets } = {},
): Promise<ReportFiles> {
  // first, so that a missing bundle is noticed before the work
  const assets = options.assets ?? readAssets();
  const data = await collectReport(runPath);
  const files = destinations(runPath, options.output);
  writeJson(files.json, data);
  writeAtomic(files.markdown, renderMarkdown(data));
  writeAtomic(files.html, renderHtml(data, assets));
  return files;
}
