import { type Command, InvalidArgumentError } from "commander";
import { mapViews, type ViewName, viewNames } from "../lenses/map-views.ts";
import { pcaLens } from "../lenses/pca.ts";
import { readStates } from "../lenses/state-lens.ts";
import { openSubject } from "../lenses/subject.ts";
import { readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { pcaFigure, pcaTables } from "../report/lens/pca-figure.ts";
import type { LensFile } from "../run/records.ts";
import { type PromptSet, promptSets } from "../tasks/prompt.ts";
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
  pooling: Pooling;
  points: number;
  views: ViewName[];
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
    const { pooling, points, seed, batchTokens, dtype } = options;
    const { texts, sources } = await readTexts(options);
    const views = await mapViews(options.views, seed);
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const { model, tokenizer, identity } = await openSubject(subject, options.device);
      const layers = chosenLayers(options.layers, model.config.layers);
      const lens = pcaLens({ layers, pooling, sentences: points, views });
      const { progress, signal } = watch;
      const reading = { layers, poolings: [pooling], batchTokens, compute: dtype, progress, signal };
      const cut = await readStates(model, tokenizer, texts, [lens], reading);
      if (cut > 0) watch.say(`${identity.name}: ${cut} texts were cut to ${model.config.maximumLength} tokens`);
      const { task = "flores", shots, prompts } = options;
      const sentences = texts.values().next().value?.length ?? 0;
      const settings = { layers, pooling, sentences, cut, task, ...(task !== "flores" && { shots, prompts, seed }) };
      files.push({ lens: "pca", model: identity, settings, data: sources, rows: lens.rows() });
      lens.close();
      model.dispose();
    }
    return files;
  },
  figure: pcaFigure,
  tables: pcaTables,
};

export function define(command: Command): void {
  lensAction(
    addLayerOption(addTextOptions(command))
      .option("--pooling <kind>", "last, mean, weighted or max; the mean is over the whole prompt", asPooling, "mean")
      .option("--points <n>", "parallel sentences on the map; the axes are made from all", whole(2), 40)
      .option("--task <name>", "prompts of a parallel task, such as polarity, instead of FLORES lines")
      .option("--shots <n>", "demonstrations in the prompts of --task", whole(0), 2)
      .option("--prompts <set>", "prompt set of --task", asPromptSet, "question-translation")
      .option(
        "--views <list>",
        "further maps of the same sentences, for the eye only: tsne, umap",
        (text) => list(text).map(asView),
        [],
      ),
    verb,
  );
}
