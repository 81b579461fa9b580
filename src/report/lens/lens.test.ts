import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeLensFiles } from "../../lenses/lens-files.ts";
import { runFolder } from "../../run/folder.ts";
import { lensMetrics } from "../../run/lens-metrics.ts";
import { lensSchema } from "../../run/lens-schema.ts";
import type { LensFile, LensRow } from "../../run/records.ts";
import { collectReport } from "../collect.ts";
import { renderHtml } from "../html/page.ts";
import { languageName } from "../languages.ts";
import { renderMarkdown } from "../markdown.ts";
import { type Figure, standaloneSvg } from "../svg/figure.ts";
import { palette } from "../svg/palette.ts";
import { ticks } from "../svg/ticks.ts";
import { chooseFigure, chooseTables } from "./choose.ts";
import { driftFigure, driftTables } from "./drift.ts";
import { logitFigure, logitTables } from "./logit.ts";
import { neuronsFigure, neuronsTables } from "./neurons.ts";
import { pcaFigure, pcaTables } from "./pca-figure.ts";
import { similarityFigure } from "./similarity.ts";
import { similarityTables } from "./similarity-table.ts";

const hostile = '</title><script>alert("x")</script>\u0007';
const layers = [0, 1, 2, 3];
const codes = ["en", "de", "ar"];
const band = (value: number) => ({ value, low: value - 0.05, high: value + 0.05 });
const control = { shuffled: 0.02, shuffled_low: 0, shuffled_high: 0.04 };

/** Rows with every field that the lens writes. */
function rowsOf(lens: string, stage: number): LensRow[] {
  const level = (layer: number, l: number) => 0.1 + 0.05 * layer + 0.03 * l + 0.2 * stage;
  const over = (make: (layer: number, code: string, l: number) => LensRow[]) =>
    layers.flatMap((layer) => codes.flatMap((code, l) => make(layer, code, l)));
  const metricsOf = Object.keys(lensMetrics[lens as keyof typeof lensMetrics]);
  if (lens === "pca")
    return over((layer, language, l) => [
      ...[0, 1, 2].flatMap((sentence) => [
        { layer, language, metric: "pc1", value: l + sentence, sentence, pooling: "mean" },
        { layer, language, metric: "pc2", value: l - sentence * layer, sentence, pooling: "mean" },
        ...["umap1", "umap2"].map((metric) => ({ layer, language, metric, value: l, sentence, pooling: "mean" })),
      ]),
      ...(l === 0
        ? [1, 2].map((component) => ({ layer, metric: "explained_variance", value: 0.3, component, pooling: "mean" }))
        : [
            {
              layer,
              pair: `en-${language}`,
              metric: "pca1_pearson",
              ...band(level(layer, l)),
              ...control,
              pooling: "mean",
            },
          ]),
    ]);
  if (lens === "logit")
    return over((layer, language, l) => [
      ...["next_token", "entropy", "energy"].map((metric) => ({
        layer,
        language,
        metric,
        ...band(level(layer, l)),
        n: 9,
      })),
      ...[...codes, "shared"].map((token_language) => ({
        layer,
        language,
        metric: "language_mass",
        token_language,
        ...band(0.2),
      })),
      { layer, language, metric: "token_mass", token: hostile, value: 0.1 },
    ]);
  if (lens === "neurons")
    return over((layer, language, l) => [
      ...(l === 0
        ? metricsOf
            .filter((metric) => /_neurons$|entropy/.test(metric) && !/lape|kept/.test(metric))
            .map((metric) => ({ layer, metric, value: level(layer, 0), shuffled: 0.01 }))
        : []),
      { layer, language, metric: "lape_neurons", value: layer * l },
      ...codes.map((deactivated) => ({
        layer: 3,
        language,
        deactivated,
        metric: "deactivation",
        ...band(0.1 * l),
        shuffled: 0,
      })),
      { layer: 3, language, metric: "kept_neurons", value: 0.5 },
    ]);
  if (lens === "drift")
    return over((layer, language, l) => [
      ...(l === 0 ? [{ layer, metric: "weight_change", value: 0.1 }] : []),
      ...["entering", "state_change"].map((metric) => ({ layer, language, metric, ...band(level(layer, l)) })),
      { layer, language, metric: "cka_before_after", ...band(0.9), ...control },
    ]);
  if (lens === "choose")
    return layers.flatMap((layer) =>
      ["mean", "last"].flatMap((pooling, l) => [
        { layer, pooling, metric: "frozen_p1", ...band(0.1) },
        { layer, pooling, metric: "aligned_p1", ...band(level(layer, l)), ...control },
        { layer, pooling, metric: "rank", value: layer * 2 + l + 1 },
      ]),
    );
  return over((layer, code, l) => [
    ...["anisotropy", "effective_rank"].map((metric) => ({
      layer,
      pooling: "mean",
      language: code,
      metric,
      ...band(0.5),
    })),
    ...(l === 0
      ? []
      : ["retrieval_p1", "mexa", "linear_cka"].map((metric) => ({
          layer,
          pooling: "mean",
          pair: `en-${code}`,
          metric,
          ...band(level(layer, l)),
          ...control,
          n: 60,
        }))),
  ]);
}

const names = ["tiny", hostile];
const filesOf = (lens: string): LensFile[] =>
  names.map((name, stage) => ({
    lens,
    model: { name, hash: `${stage}`.repeat(16), stage },
    rows: rowsOf(lens, stage),
  }));

const views = {
  similarity: [similarityFigure, similarityTables],
  pca: [pcaFigure, pcaTables],
  logit: [logitFigure, logitTables],
  neurons: [neuronsFigure, neuronsTables],
  drift: [driftFigure, driftTables],
  choose: [chooseFigure, chooseTables],
} as const;

/** Whether every tag is closed in order and no attribute lacks its quotes. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, rest] of svg.matchAll(/<(\/?)([a-zA-Z]+)((?:\s+[\w-]+="[^"<]*")*\s*\/?)>/g)) {
    if (close === "/") {
      if (open.pop() !== name) return false;
    } else if (!rest!.endsWith("/")) open.push(name!);
  }
  const bare = svg.replace(/<\/?[a-zA-Z]+(?:\s+[\w-]+="[^"<]*")*\s*\/?>/g, "");
  return open.length === 0 && !bare.includes("<");
}

test.each(Object.keys(views) as (keyof typeof views)[])("%s is drawn as one sound SVG, one model or two", (lens) => {
  const [figure, tables] = views[lens] as readonly [(files: LensFile[]) => Figure, (files: LensFile[]) => unknown[]];
  for (const files of [filesOf(lens).slice(0, 1), filesOf(lens)]) {
    const drawn = figure(files);
    expect(drawn.panels.length).toBeGreaterThan(0);
    const svg = standaloneSvg(drawn);
    expect(isWellFormed(svg), svg).toBe(true);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script/);
    expect(svg).not.toContain("\u0007");
    expect(tables(files).length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(drawn))).toEqual(drawn); // report.json carries it
  }
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test("files, their schema and charts land in the run folder, and the report shows every lens", async () => {
  const path = mkdtempSync(join(tmpdir(), "lens-report-"));
  folders.push(path);
  for (const lens of Object.keys(views) as (keyof typeof views)[]) {
    const files = filesOf(lens).map((file) => ({
      ...file,
      model: { ...file.model, name: file.model.name.slice(0, 4) },
    }));
    writeLensFiles(
      runFolder(path),
      files.map((file, i) => ({ ...file, model: { ...file.model, name: `model${i}` } })),
      [{ name: lens, svg: "<svg/>\n" }],
    );
  }
  expect(JSON.parse(readFileSync(join(path, "lens/schema.json"), "utf8"))).toEqual(lensSchema);
  expect(readFileSync(join(path, "lens/logit.svg"), "utf8")).toBe("<svg/>\n");
  const data = await collectReport(path);
  expect(data.lenses.map(({ figure }) => figure.lens)).toEqual(Object.keys(views));
  const page = renderHtml(data, { script: "", style: "" });
  for (const id of ["lens-logit", "lens-neurons", "lens-drift", "lens-choose"])
    expect(page).toContain(`<section id="${id}"`);
  expect(page).not.toContain("<script>alert");
  expect(page).toContain("UMAP, for the eye only");
  expect(page).not.toContain("t-SNE, for the eye only"); // nobody asked for it
  expect(renderMarkdown(data)).toContain("## Neurons of languages by block");
});

test("charts need no font but a Latin one, whatever the languages' scripts", () => {
  for (const lens of Object.keys(views) as (keyof typeof views)[]) {
    const files = filesOf(lens).map((file) => {
      const text = JSON.stringify(file.rows)
        .replaceAll('"de"', '"my"')
        .replaceAll('"ar"', '"dz"')
        .replaceAll(/en-(de|ar)/g, "en-am");
      return { ...file, model: { ...file.model, name: "m" }, rows: JSON.parse(text) as LensRow[] };
    });
    const [figure] = views[lens] as readonly [(files: LensFile[]) => Figure, unknown];
    const foreign = [...standaloneSvg(figure(files)).replace(/<style>.*?<\/style>/s, "")].filter(
      (c) => /\p{L}|\p{M}/u.test(c) && !/\p{Script=Latin}|\p{Script=Greek}/u.test(c),
    );
    expect(foreign, lens).toEqual([]);
  }
  for (const code of ["th", "hi", "am", "dz", "my", "zh", "ar"])
    expect(languageName(code)).toMatch(/^[\p{Script=Latin} ]+$/u);
});

test("every metric that a lens draws is in its schema", () => {
  for (const [lens, metrics] of Object.entries(lensMetrics)) {
    const known = new Set([...Object.keys(metrics)]);
    for (const { metric } of rowsOf(lens, 0)) expect(known, `${lens} ${metric}`).toContain(metric);
  }
});

test("the colours of a chart that stands alone are the report's", () => {
  const css = readFileSync(new URL("../../../web/src/styles/tokens.css", import.meta.url), "utf8");
  const [light, dark] = css.split("@media (prefers-color-scheme: dark)");
  for (const [scheme, text] of [
    ["light", light!],
    ["dark", dark!],
  ] as const)
    for (const [i, hue] of palette[scheme].hues.entries()) expect(text).toContain(`--hue-${i}: ${hue};`);
});

test("ticks are round numbers inside of the range", () => {
  expect(ticks(0, 0.93, 4)).toEqual([0, 0.5]);
  expect(ticks(0, 1, 4)).toEqual([0, 0.5, 1]);
  expect(ticks(-0.4, 0.4, 4)).toEqual([-0.4, -0.2, 0, 0.2, 0.4]);
  expect(ticks(3, 3, 4)).toEqual([3]);
});
