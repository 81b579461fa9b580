import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSyntheticRun } from "../../test/synthetic-run.ts";
import { readAssets } from "./assets.ts";
import { collectReport } from "./collect.ts";
import type { ReportData } from "./data.ts";
import { jsonForScript } from "./html/markup.ts";
import { renderHtml } from "./html/page.ts";
import { renderMarkdown } from "./markdown.ts";
import { writeReport } from "./write.ts";

const scratch = mkdtempSync(join(tmpdir(), "interlingua-report-"));
const hostile = `</script><script>alert(1)</script><!-- " ' & <img src=x onerror=alert(2)> | \`\`\` مرحبا בעולם नमस्ते สวัสดี 你好`;
const assets = { script: "window.drawn = true;", style: "body { margin: 0 }" };
let data: ReportData;

beforeAll(async () => {
  writeSyntheticRun(join(scratch, "run"), { hostile, examples: 60, sentences: 12 });
  data = await collectReport(join(scratch, "run"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("text from data never becomes markup", () => {
  const page = renderHtml(data, assets);
  expect(page).not.toContain("<script>alert(1)");
  expect(page).not.toContain("<img");
  expect(page).not.toContain("<!-- ");
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).toContain("&lt;/script&gt;&lt;script&gt;alert(1)");
  expect(page).toContain('<bdi dir="auto">');
  for (const text of ["مرحبا", "בעולם", "नमस्ते", "สวัสดี", "你好"]) expect(page).toContain(text);
});

test("the data of the charts survive the way through the page", () => {
  const page = renderHtml(data, assets);
  const embedded = page.match(/<script type="application\/json" id="report-data">(.*?)<\/script>/s)![1]!;
  const parsed = JSON.parse(embedded);
  expect(parsed.tasks).toEqual(JSON.parse(JSON.stringify(data.tasks)));
  expect(Object.keys(parsed.tasks[0].rows[0].after.predictions)).toContain(hostile);
  expect(JSON.parse(jsonForScript({ text: `${hostile}\u2028\u2029` }).markup).text).toBe(`${hostile}\u2028\u2029`);
});

test("nothing is loaded from elsewhere, and only the report's own script may run", () => {
  const page = renderHtml(data, assets);
  expect(page).not.toMatch(/(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?\/\//i);
  expect(page).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//i);
  expect(page).not.toMatch(/@import|\son\w+\s*=\s*"/);
  expect(page).toMatch(/default-src (?:&#39;|')none(?:&#39;|'); script-src (?:&#39;|')sha256-/);
});

test("the numbers are there without the script", () => {
  const page = renderHtml(data, assets);
  const body = page.slice(page.indexOf("<main"), page.indexOf("</main>"));
  for (const { name } of data.languages) expect(body).toContain(name);
  expect(body).toContain(data.verdict.title.slice(0, 40));
  for (const id of ["accuracy", "gap", "similarity", "pca", "bits", "training", "data", "configuration", "notes"]) {
    expect(body).toContain(`<section id="${id}"`);
  }
  expect(body).not.toMatch(/<t[hdr][^>]*class="figure/); // hidden until the script has run
  expect(body.match(/<table/g)!.length).toBeGreaterThan(8);
  expect(page).toMatch(/role="note"><strong>Note<\/strong>/);
});

test("absent parts are one sentence each", async () => {
  const path = join(scratch, "bare");
  writeSyntheticRun(path, { examples: 20 });
  for (const part of ["eval", "lens", "log.jsonl", "run.json"]) rmSync(join(path, part), { recursive: true });
  const bare = await collectReport(path);
  const page = renderHtml(bare, assets);
  for (const sentence of Object.values(bare.missing)) expect(page).toContain(sentence);
  expect(page).not.toContain("data-figure");
  expect(renderMarkdown(bare)).toContain("Nothing has been measured");
});

test("Markdown tables keep their columns whatever the data say", () => {
  const [markdown = ""] = renderMarkdown(data).split("````yaml"); // inside the fence nothing is markup
  expect(markdown).not.toContain("<script>");
  expect(markdown).toContain("| XNLI, zero-shot, accuracy | Aligned languages |");
  const lines = markdown.split("\n");
  let columns = 0;
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith("|")) continue;
    const cells = line.replaceAll("\\|", "").split("|").length;
    if (!lines[index - 1]?.startsWith("|")) columns = cells;
    expect(cells, line).toBe(columns);
  }
});

test("the three files are written beside the run or where they are asked for", async () => {
  expect(() => readAssets(join(scratch, "nothing"))).toThrow("npm run setup");
  const output = join(scratch, "elsewhere");
  const files = await writeReport(join(scratch, "run"), { output, assets });
  expect(files).toEqual({
    html: join(output, "report.html"),
    json: join(output, "report.json"),
    markdown: join(output, "report.md"),
  });
  expect(JSON.parse(readFileSync(files.json, "utf8"))).toEqual(JSON.parse(JSON.stringify(data)));
  expect(readFileSync(files.html, "utf8")).toContain(assets.script);
  expect((await writeReport(join(scratch, "run"), { assets })).html).toBe(join(scratch, "run", "report.html"));
});
