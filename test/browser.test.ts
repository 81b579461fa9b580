import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { writeSyntheticRun } from "./synthetic-run.ts";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const screenshots = fileURLToPath(new URL("../scripts/screenshots.mjs", import.meta.url));

test("a real browser draws every chart of the report, at desktop and phone width, light and dark", (context) => {
  if (!existsSync(chromium)) context.skip(`absent: a browser at ${chromium} (Debian: chromium)`);
  const folder = folderWith();
  writeSyntheticRun(join(folder, "run"), { examples: 60, sentences: 12 });
  const report = interlingua(["report", join(folder, "run")]);
  expect(report, report.err).toMatchObject({ code: 0 });
  expect(report.out).toContain("Retrieval P@1");
  // the script fails on console errors, requests, empty charts and pages wider than the window
  const look = spawnSync(process.execPath, [screenshots, join(folder, "run/report.html"), join(folder, "pictures")], {
    encoding: "utf8",
  });
  expect(look.status, `${look.stdout}${look.stderr}`).toBe(0);
  for (const width of [1280, 390])
    for (const scheme of ["light", "dark"])
      expect(existsSync(join(folder, `pictures/report-${width}-${scheme}.png`))).toBe(true);
});
