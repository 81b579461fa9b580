import { existsSync } from "node:fs";
import { type RunFolder, readJson } from "../../run/folder.ts";
import { type LensFile, type ModelIdentity, modelKey } from "../../run/records.ts";
import type { MeasuredModels } from "../models.ts";
import type { Figure } from "../svg/figure.ts";
import { chooseFigure, chooseTables } from "./choose.ts";
import { driftFigure, driftTables } from "./drift.ts";
import { logitFigure, logitTables } from "./logit.ts";
import { neuronsFigure, neuronsTables } from "./neurons.ts";
import { pcaBeside, pcaTables } from "./pca-figure.ts";
import type { LensSection } from "./section.ts";
import type { LensFiles } from "./series.ts";
import { similarityFigure } from "./similarity.ts";
import { similarityTables } from "./similarity-table.ts";
import type { TextTable } from "./table.ts";

/** How every lens is shown, in the report's order. */
const views: readonly {
  lens: string;
  figure: (files: LensFiles, order: readonly string[]) => Figure;
  tables: (files: LensFiles) => TextTable[];
}[] = [
  { lens: "similarity", figure: (files) => similarityFigure(files), tables: similarityTables },
  { lens: "pca", figure: pcaBeside, tables: pcaTables },
  { lens: "logit", figure: logitFigure, tables: logitTables },
  { lens: "neurons", figure: neuronsFigure, tables: neuronsTables },
  { lens: "drift", figure: driftFigure, tables: driftTables },
  { lens: "choose", figure: chooseFigure, tables: chooseTables },
];

/** Every lens that was computed for any model of the run: before, after, then the others. `order`: of the page's languages. */
export function lensSections(folder: RunFolder, models: MeasuredModels, order: readonly string[]): LensSection[] {
  const all = [models.before, models.after, ...models.others].filter(
    (model): model is ModelIdentity => model !== undefined,
  );
  return views.flatMap(({ lens, figure, tables }) => {
    const files = all
      .map((model) => folder.lens(modelKey(model), lens))
      .filter((path) => existsSync(path))
      .map((path) => readJson<LensFile>(path))
      .filter(({ rows }) => rows.length > 0);
    return files.length === 0 ? [] : [{ figure: figure(files, order), tables: tables(files) }];
  });
}
