import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { Page } from "./page.ts";
import { inClone, root } from "./repository.ts";

/** Headings as GitHub names their places. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );

/** Targets of links, pictures and <source srcset> that are not on the web. */
const targetsOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => link ?? attribute!)
    .filter((target) => !/^(?:https?|mailto):/.test(target));

/** Links that lead nowhere. */
export function linkFaults({ path, text }: Page): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^ *```$/gm, "");
  return targetsOf(prose).flatMap((target) => {
    const [file = "", anchor] = target.split("#");
    const place = file === "" ? path : normalize(join(dirname(path), file));
    if (!inClone(place)) return [`${path}: link to ${target}: there is no ${place}`];
    if (anchor === undefined || !place.endsWith(".md")) return [];
    const anchors = anchorsOf(file === "" ? text : readFileSync(join(root, place), "utf8"));
    return anchors.includes(anchor) ? [] : [`${path}: link to ${target}: ${place} has no such heading`];
  });
}

/** Folders and files of an annotated tree (`src/run/   the run folder`) that are not there. */
export const treeFaults = (page: Page): string[] =>
  page.blocks
    .filter(({ kind }) => kind === "text")
    .flatMap(({ lines, line }) =>
      lines.flatMap((row, i) => {
        const [, entry] = row.match(/^(\.?[\w./-]+\/|[\w.-]+\.\w+) {2,}\S/) ?? [];
        return entry === undefined || inClone(entry) ? [] : [`${page.path}:${line + i}: there is no ${entry}`];
      }),
    );
