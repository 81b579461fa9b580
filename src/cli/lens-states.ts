import type { Command } from "commander";
import { readStates, type StateLens } from "../lenses/state-lens.ts";
import { openSubject, type Subject } from "../lenses/subject.ts";
import type { ParallelTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import type { Watch } from "../recipe/watch.ts";
import { UsageError } from "../run/errors.ts";
import type { LensFile } from "../run/records.ts";
import { addTextOptions, type TextLensOptions } from "./lens-command.ts";
import { list, wholes } from "./options.ts";
import { asPooling } from "./pooling.ts";

/** Flags of the lenses that look at sentence states, layer by layer. */
export interface StateLensOptions extends TextLensOptions {
  layers?: number[];
}

export const addStateOptions = (command: Command): Command =>
  addTextOptions(command).option(
    "--layers <list>",
    "0 = embedding output, L = last block after the final norm; all by default",
    wholes,
  );

export const addPoolings = (command: Command): Command =>
  command.option(
    "--poolings <list>",
    "how a sentence's states become one vector: last, mean, weighted, max",
    (text) => list(text).map(asPooling),
    ["mean", "weighted", "last"] satisfies Pooling[],
  );

/** The layers that a model has of those asked for; all of them by default. */
export function chosenLayers(asked: readonly number[] | undefined, top: number): number[] {
  const all = Array.from({ length: top + 1 }, (_, layer) => layer);
  const beyond = asked?.find((layer) => layer > top);
  if (beyond !== undefined)
    throw new UsageError(`--layers: ${beyond}, but the model has layers 0 (embedding) to ${top}.`);
  return asked === undefined ? all : [...new Set(asked)].sort((a, b) => a - b);
}

/** What a lens on states is to be told and to file. */
export interface StateLook {
  name: string;
  poolings: readonly Pooling[];
  make(layers: number[]): StateLens;
  /** beside layers and numbers of sentences */
  settings: Record<string, unknown>;
}

/** Reads the states of the texts in every model, and files what a lens makes of them. */
export async function lookAtStates(
  subjects: readonly Subject[],
  { texts, sources }: ParallelTexts,
  options: StateLensOptions,
  watch: Watch,
  { name, poolings, make, settings }: StateLook,
): Promise<LensFile[]> {
  const files: LensFile[] = [];
  for (const subject of subjects) {
    const { model, tokenizer, identity } = await openSubject(subject, options.device, options.dtype);
    const layers = chosenLayers(options.layers, model.config.layers);
    const lens = make(layers);
    const { progress, signal } = watch;
    const reading = { layers, poolings, batchTokens: options.batchTokens, compute: options.dtype, progress, signal };
    const cut = await readStates(model, tokenizer, texts, [lens], reading);
    if (cut > 0) watch.say(`${identity.name}: ${cut} texts were cut to ${model.config.maximumLength} tokens`);
    const sentences = texts.values().next().value?.length ?? 0;
    files.push({
      lens: name,
      model: identity,
      settings: { layers, ...settings, sentences, cut },
      data: sources,
      rows: lens.rows(),
    });
    lens.close();
    model.dispose();
  }
  return files;
}
