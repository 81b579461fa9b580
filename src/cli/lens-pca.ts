import { type Command, InvalidArgumentError } from "commander";
import { mapViews, type ViewName, viewNames } from "../lenses/map-views.ts";
import { pcaLens } from "../lenses/pca.ts";
import { readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { pcaFigure, pcaTables } from "../report/lens/pca-figure.ts";
import { type PromptSet, promptSets } from "../tasks/prompt.ts";
import { type LensVerb, lensAction } from "./lens-command.ts";
import { addStateOptions, lookAtStates, type StateLensOptions } from "./lens-states.ts";
import { list, whole } from "./options.ts";
import { asPooling } from "./pooling.ts";

interface Options extends StateLensOptions {
  pooling: Pooling;
  points: number;
  views?: ViewName[];
  task?: string;
  shots: number;
  prompts: PromptSet;
}

export function asPromptSet(text: string): PromptSet {
  const found = promptSets.find((set) => set === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${promptSets.join(", ")}.`);
  return found;
}

function asView(text: string): ViewName {
  const found = viewNames.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected ${viewNames.join(" or ")}.`);
  return found;
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { pooling, points, seed } = options;
    const texts = await readTexts(options);
    const views = await mapViews(options.views ?? [], seed);
    const { task = "flores", shots, prompts } = options;
    return lookAtStates(subjects, texts, options, watch, {
      name: "pca",
      poolings: [pooling],
      make: (layers) => pcaLens({ layers, pooling, sentences: points, views }),
      settings: { pooling, task, ...(task !== "flores" && { shots, prompts, seed }) },
    });
  },
  figure: pcaFigure,
  tables: pcaTables,
};

export function define(command: Command): void {
  lensAction(
    addStateOptions(command)
      .option("--pooling <kind>", "last, mean, weighted or max; the mean is over the whole prompt", asPooling, "mean")
      .option("--points <n>", "parallel sentences on the map; the axes are made from all", whole(2), 40)
      .option("--task <name>", "prompts of a parallel task, such as polarity, instead of FLORES lines")
      .option("--shots <n>", "demonstrations in the prompts of --task", whole(0), 2)
      .option("--prompts <set>", "prompt set of --task", asPromptSet, "question-translation")
      .option("--views <list>", "further maps of the same sentences, for the eye only: tsne, umap", (text) =>
        list(text).map(asView),
      ),
    verb,
  );
}
