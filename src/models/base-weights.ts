import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Dtype, Tensor } from "../tensor/index.ts";
import { readJsonObject } from "./config.ts";
import type { Model } from "./model.ts";
import { headName, isAdapterName, libraryName } from "./parameters.ts";
import { indexFile, mainDtype, type StoredTensor, singleFile } from "./shards.ts";
import { storedNames } from "./stored-names.ts";
import { textConfig } from "./text-part.ts";
import { openWeights } from "./weight-files.ts";

/** A tensor of an export. */
export interface Weight extends StoredTensor {
  tensor: Tensor;
}

/** The weight files that a model was loaded from. */
interface BaseWeights {
  /** the name that the files have for one of the model's tensors */
  of(parameter: string): string;
  entries: ReadonlyMap<string, Pick<StoredTensor, "shape" | "dtype">>;
  get(name: string): Tensor;
}

function openBase(folder: string): BaseWeights {
  const files = openWeights(folder);
  const where = new Map(files.flatMap((file) => [...file.entries.keys()].map((name) => [name, file] as const)));
  return {
    of: storedNames([...where.keys()]).of,
    entries: new Map(files.flatMap((file) => [...file.entries])),
    get: (name) => where.get(name)!.get(name),
  };
}

/** The type that each of a model's tensors has in a folder; what is not there, such as a head that was tied, gets the main one. */
export function dtypesIn(folder: string): (parameter: string) => Dtype {
  const { of, entries } = openBase(folder);
  const main = mainDtype(entries.values());
  return (parameter) => entries.get(of(parameter))?.dtype ?? main;
}

/**
 * Everything that an export of `model` stores. A checkpoint whose names leave out the decoder's beginning is read as the bare
 * decoder, so with a head of its own it needs the whole names. What the base has beside the model that was read of it (the parts
 * for images of a multimodal model, an encoder's language-model head) goes along as it is, under the base's own names.
 */
export function weightsToStore(model: Model, base: string, dtypeOf?: (parameter: string) => Dtype): Weight[] {
  const { config, omittedPrefix, bidirectional } = model;
  // the folder of a model from scratch has only a tokenizer
  const hasWeights = [singleFile, indexFile].some((name) => existsSync(join(base, name)));
  const stored = hasWeights ? openBase(base) : undefined;
  const raw = stored && readJsonObject(join(base, "config.json"));
  const isPart = raw !== undefined && textConfig(raw) !== raw;
  const omitted = config.tiedHead ? "" : omittedPrefix;
  const own = model
    .parameters()
    .filter(([name]) => !isAdapterName(name))
    .map(([parameter, tensor]): Weight => {
      const inBase = stored?.of(parameter) ?? parameter;
      const name = isPart ? inBase : libraryName(parameter, omitted);
      return { name, inBase, shape: tensor.shape, dtype: dtypeOf?.(parameter) ?? tensor.dtype, tensor };
    });
  if (stored === undefined || !(isPart || bidirectional)) return own;
  const read = new Set(own.map(({ inBase }) => inBase));
  // some exports store a tied head twice
  const isCopy = (name: string) => config.tiedHead && name.endsWith(`${headName}.weight`);
  const beside = [...stored.entries].filter(([name]) => !read.has(name) && !isCopy(name));
  return [...own, ...beside.map(([name, entry]) => ({ ...entry, name, inBase: name, tensor: stored.get(name) }))];
}
