import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { writeLensFiles } from "../src/lenses/lens-files.ts";
import { runFolder } from "../src/run/folder.ts";
import type { LensFile } from "../src/run/records.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";

const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A character for private use, which no font has, as the letters of a script that the machine has no font for. */
const fontless = "\u{10f0f0}";
const tokens = [`▁${fontless}${fontless}\u0301`, "▁the"];

const logit: LensFile = {
  lens: "logit",
  model: { name: "m", hash: "0".repeat(64), stage: 0 },
  rows: tokens.flatMap((token, i) => [
    { layer: i + 1, language: "dz", metric: "token_mass", token, value: 0.5 },
    { layer: i + 1, language: "dz", metric: "entropy", value: 1, n: 4 },
    { layer: i + 1, language: "dz", metric: "language_mass", token_language: "dz", value: 0.5 },
  ]),
};

test("a token of a script that the browser has no font for is told by its code points, others stay as they are", async (context) => {
  if (!existsSync(browserPath)) context.skip(`absent: a browser at ${browserPath} (Debian: chromium)`);
  const folder = folderWith();
  writeLensFiles(runFolder(join(folder, "run")), [logit], []);
  const report = interlingua(["report", join(folder, "run")]);
  expect(report, report.err).toMatchObject({ code: 0 });
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--headless", "--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, "run/report.html")).href);
    const cells = await page.$$eval("#lens-logit td bdi", (found) => found.map(({ textContent }) => textContent ?? ""));
    expect(cells.filter((text) => text.includes("\u2068"))).toEqual([
      "\u2068▁⟨U+10F0F0 U+10F0F0 U+0301⟩\u2069 50.0",
      "\u2068▁the\u2069 50.0",
    ]);
  } finally {
    await browser.close();
  }
});
