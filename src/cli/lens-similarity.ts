import type { Command } from "commander";
import { similarityLens } from "../lenses/similarity.ts";
import { readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { similarityFigure } from "../report/lens/similarity.ts";
import { similarityTables } from "../report/lens/similarity-table.ts";
import { type LensVerb, lensAction } from "./lens-command.ts";
import { addPoolings, addStateOptions, lookAtStates, type StateLensOptions } from "./lens-states.ts";
import { whole } from "./options.ts";

interface Options extends StateLensOptions {
  poolings: Pooling[];
  draws: number;
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { data, languages, limit, poolings, draws, seed } = options;
    const texts = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    return lookAtStates(subjects, texts, options, watch, {
      name: "similarity",
      poolings,
      make: (layers) => similarityLens({ layers, poolings, draws, seed }),
      settings: { poolings, draws, seed },
    });
  },
  figure: (files, { poolings }) => similarityFigure(files, poolings[0]),
  tables: similarityTables,
};

export function define(command: Command): void {
  lensAction(
    addPoolings(addStateOptions(command)).option(
      "--draws <n>",
      "bootstrap resamples, and shuffles of the pairs",
      whole(20),
      200,
    ),
    verb,
  );
}
