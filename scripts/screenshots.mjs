// Takes screenshots of a report at two widths in both colour schemes and fails where the page is broken:
// node scripts/screenshots.mjs REPORT.html OUTDIR [HEIGHT]   the whole page, or what is above HEIGHT pixels
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, output, height] = process.argv.slice(2);
if (!report || !output || (height !== undefined && !(Number(height) > 0))) {
  console.error("usage: node scripts/screenshots.mjs REPORT.html OUTDIR [HEIGHT]");
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** Opens the report, notes everything that is wrong with it, and takes its picture. */
async function look(width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) faults.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.waitForTimeout(400); // observers and the first redraw
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) faults.push(`layout: the page is ${overflow} px wider than the window`);
  const empty = await page.evaluate(() =>
    [...document.querySelectorAll("[data-figure]")]
      .filter((figure) => !figure.querySelector("svg"))
      .map((figure) => figure.getAttribute("data-figure")),
  );
  for (const name of empty) faults.push(`chart: ${name} is empty`);
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(whole, Number(height ?? whole)) };
  await page.screenshot({ path: join(output, `report-${width}-${colorScheme}.png`), fullPage: true, clip });
  await context.close();
  return faults.map((fault) => `${width} px, ${colorScheme}: ${fault}`);
}

mkdirSync(output, { recursive: true });
const faults = [];
try {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) faults.push(...(await look(width, colorScheme)));
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(`${faults.length === 0 ? "no faults" : `${faults.length} faults`}; pictures in ${output}`);
process.exit(faults.length === 0 ? 0 : 1);
