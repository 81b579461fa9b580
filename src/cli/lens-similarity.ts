import type { Command } from "commander";
import { similarityLens } from "../lenses/similarity.ts";
import { readStates } from "../lenses/state-lens.ts";
import { openSubject } from "../lenses/subject.ts";
import { readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { similarityFigure } from "../report/lens/similarity.ts";
import { similarityTables } from "../report/lens/similarity-table.ts";
import type { LensFile } from "../run/records.ts";
import {
  addLayerOption,
  addTextOptions,
  asPooling,
  chosenLayers,
  type LensOptions,
  type LensVerb,
  lensAction,
} from "./lens-command.ts";
import { list, whole } from "./options.ts";

interface Options extends LensOptions {
  data: string;
  languages?: string[];
  limit?: number;
  layers?: number[];
  poolings: Pooling[];
  draws: number;
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { data, languages, limit, poolings, draws, seed, batchTokens, dtype } = options;
    const { texts, sources } = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const { model, tokenizer, identity } = await openSubject(subject, options.device);
      const layers = chosenLayers(options.layers, model.config.layers);
      const lens = similarityLens({ layers, poolings, draws, seed });
      const { progress, signal } = watch;
      const reading = { layers, poolings, batchTokens, compute: dtype, progress, signal };
      const cut = await readStates(model, tokenizer, texts, [lens], reading);
      if (cut > 0) watch.say(`${identity.name}: ${cut} sentences were cut to ${model.config.maximumLength} tokens`);
      const settings = { layers, poolings, draws, seed, sentences: texts.values().next().value?.length ?? 0, cut };
      files.push({ lens: "similarity", model: identity, settings, data: sources, rows: lens.rows() });
      lens.close();
      model.dispose();
    }
    return files;
  },
  figure: (files, { poolings }) => similarityFigure(files, poolings[0]),
  tables: similarityTables,
};

export function define(command: Command): void {
  lensAction(
    addLayerOption(addTextOptions(command))
      .option(
        "--poolings <list>",
        "how a sentence's states become one vector: last, mean, weighted, max",
        (text) => list(text).map(asPooling),
        ["mean", "weighted", "last"] satisfies Pooling[],
      )
      .option("--draws <n>", "bootstrap resamples, and shuffles of the pairs", whole(20), 200),
    verb,
  );
}
