import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parse } from "yaml";
import { resolveModel } from "../hub/resolve.ts";
import { snapshotId } from "../hub/snapshot-id.ts";
import { hashModel } from "../models/load.ts";
import type { CardFacts } from "../report/card-data.ts";
import { UsageError } from "../run/errors.ts";
import { readJson, runFolder } from "../run/folder.ts";
import type { RunRecord } from "../run/records.ts";
import { findLanguage } from "../text/languages.ts";
import { exported } from "./exported.ts";

/** What is exported: the folder whose weights and files are taken, and the adapter that is folded in. */
export interface ExportSource {
  folder: string;
  adapter?: string;
  /** the model that training began with, as a card names it */
  base: CardFacts["base"];
  run?: { path: string; record: RunRecord };
}

/** The licence that a model folder's own card states. */
function licenceOf(folder: string): string | undefined {
  const path = join(folder, "README.md");
  const [, head] = (existsSync(path) ? readFileSync(path, "utf8") : "").match(/^---\r?\n([\s\S]*?)\r?\n---/) ?? [];
  try {
    const { license } = (parse(head ?? "") ?? {}) as { license?: unknown };
    return typeof license === "string" ? license : undefined;
  } catch {
    return undefined; // a broken card says nothing
  }
}

/** A folder outside of the hub's cache has only its own name: the path to it is nobody's business. */
function nameOf(folder: string): CardFacts["base"] {
  if (folder === "from scratch") return { name: "scratch" };
  const hub = snapshotId(folder);
  const licence = existsSync(folder) ? licenceOf(folder) : undefined;
  return {
    name: hub?.id ?? basename(folder),
    ...(hub && { hub: hub.id, revision: hub.revision }),
    ...(licence !== undefined && { licence }),
  };
}

/** The model or adapter of a finished run. An adapter's base must still hold the weights that it was trained on. */
function sourceOfRun(path: string): ExportSource {
  const folder = runFolder(path);
  const record = readJson<RunRecord>(folder.run);
  const result = exported(folder);
  if (result === undefined)
    throw new UsageError(
      `${path}: this run has no trained model yet. Finish it (--resume), or export a checkpoint's base.`,
    );
  const { path: place, hash } = record.model;
  const run = { path, record };
  if (result.adapter === undefined) return { folder: result.model!, base: nameOf(place), run };
  if (!existsSync(place))
    throw new UsageError(
      `${path}: its adapter belongs to ${place}, which is gone. Name the base: merge --model … --adapter ${result.adapter}.`,
    );
  if (hashModel(place) !== hash)
    throw new Error(
      `${place}: the weights are not those that ${path} was trained on; its adapter does not belong to them.`,
    );
  return { folder: place, adapter: result.adapter, base: nameOf(place), run };
}

/** Finds what `given` means: a run folder, a Hugging Face folder or a hub id. */
export async function findSource(given: string, adapter: string | undefined): Promise<ExportSource> {
  if (existsSync(join(given, "run.json"))) {
    if (adapter !== undefined) throw new UsageError(`--adapter: ${given} is a run, which has its own.`);
    return sourceOfRun(given);
  }
  const folder = resolve(await resolveModel(given));
  return { folder, base: nameOf(folder), ...(adapter !== undefined && { adapter }) };
}

/** The languages that a run trained on or measured, in ISO codes. */
export function languagesOf({ data, recipe }: RunRecord): string[] {
  const lists: unknown[] = data.map(({ language }) => language);
  const collect = (node: unknown, key: string) => {
    if (key === "languages" && Array.isArray(node)) lists.push(...node);
    else if (typeof node === "object" && node !== null)
      for (const [inner, value] of Object.entries(node)) collect(value, key === "languages" ? key : inner);
  };
  collect(recipe, "");
  const codes = lists.map((spelling) => (typeof spelling === "string" ? findLanguage(spelling)?.code : undefined));
  return [...new Set(codes.filter((code) => code !== undefined))].sort();
}
