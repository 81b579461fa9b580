import { existsSync, statSync } from "node:fs";
import { type RunFolder, readJson } from "../run/folder.ts";
import { lensNames } from "../run/lens-metrics.ts";
import { type LensFile, type ModelIdentity, modelKey, type ResultsFile } from "../run/records.ts";

/** The two ends of the study; what lies between or was measured beside is in `others`. */
export interface MeasuredModels {
  before?: ModelIdentity;
  after?: ModelIdentity;
  others: ModelIdentity[];
}

interface Candidate {
  identity: ModelIdentity;
  measured: number;
}

const lenses = lensNames;

function candidates(folder: RunFolder): Candidate[] {
  const found = new Map<string, Candidate>();
  const consider = (path: string) => {
    if (!existsSync(path)) return;
    const identity = readJson<ResultsFile | LensFile>(path).model;
    const key = modelKey(identity);
    const measured = Math.max(statSync(path).mtimeMs, found.get(key)?.measured ?? 0);
    found.set(key, { identity, measured });
  };
  for (const key of folder.models("eval")) consider(folder.results(key));
  for (const key of folder.models("lens")) for (const lens of lenses) consider(folder.lens(key, lens));
  return [...found.values()];
}

/** Finds the models measured in a run folder: the lowest stage is "before", the highest "after". */
export function measuredModels(folder: RunFolder, baseHash: string | undefined): MeasuredModels {
  const all = candidates(folder);
  // of two models at one stage the newest counts: the older one is a leftover of an earlier attempt
  all.sort((a, b) => a.identity.stage - b.identity.stage || b.measured - a.measured);
  const stages = [...new Set(all.map(({ identity }) => identity.stage))];
  const first = stages[0];
  const last = stages.at(-1);
  const atStage = (stage: number | undefined) => all.filter(({ identity }) => identity.stage === stage);
  const base = atStage(0).find(({ identity }) => identity.hash === baseHash);
  const lowest = first === 0 && base ? base : atStage(first)[0];
  const highest = atStage(last)[0];
  const onlyAfter = first === last && first !== 0;
  const before = onlyAfter ? undefined : lowest?.identity;
  const after = first === last && !onlyAfter ? undefined : highest?.identity;
  return {
    ...(before && { before }),
    ...(after && { after }),
    others: all.map(({ identity }) => identity).filter((identity) => identity !== before && identity !== after),
  };
}
