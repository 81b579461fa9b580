import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Assets } from "./html/page.ts";

/** Beside the compiled sources, and found from the sources too. */
const built = fileURLToPath(new URL("../../dist/web/", import.meta.url));

/** Reads the script and style that draw the charts. */
export function readAssets(folder = built): Assets {
  const script = `${folder}/report.js`;
  const style = `${folder}/report.css`;
  if (!existsSync(script) || !existsSync(style)) {
    throw new Error("The report's charts have not been built yet. Run `npm run setup` once, then try again.");
  }
  return { script: readFileSync(script, "utf8"), style: readFileSync(style, "utf8") };
}
