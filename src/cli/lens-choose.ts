import type { Command } from "commander";
import { readParallel } from "../data/parallel.ts";
import type { SentencePair } from "../data/sentence-pair.ts";
import { chooseRows } from "../lenses/choose.ts";
import { openSubject } from "../lenses/subject.ts";
import { type ParallelTexts, readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { chooseFigure, chooseTables } from "../report/lens/choose.ts";
import type { DataSource, LensFile } from "../run/records.ts";
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
  parallel?: string;
  train?: string[];
  pairs: number;
  draws: number;
}

interface Material {
  pairs: SentencePair[];
  held: Map<string, string[]>;
  sources: DataSource[];
}

/** Training pairs where they were given; else every second text is for fitting. */
function divide({ texts, sources }: ParallelTexts, options: Options): Material {
  const [pivot, ...others] = [...texts.keys()];
  if (options.parallel !== undefined) {
    const asked = options.train ?? [pivot!, ...others];
    const read = readParallel(options.parallel, asked, { limit: options.pairs });
    return { pairs: read.pairs, held: new Map(texts), sources: [...read.sources, ...sources] };
  }
  const part = (parity: number) => (_: string, i: number) => i % 2 === parity;
  const pairs = others.flatMap((code) => {
    const translations = texts.get(code)!.filter(part(1));
    return texts
      .get(pivot!)!
      .filter(part(1))
      .map((a, i): SentencePair => ({ a, b: translations[i]!, languages: [pivot!, code] }))
      .slice(0, options.pairs);
  });
  return { pairs, held: new Map([...texts].map(([code, lines]) => [code, lines.filter(part(0))])), sources };
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { data, languages, limit = 400, poolings, pairs: most, draws, seed, batchTokens, dtype } = options;
    const parallel = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    const { pairs, held, sources } = divide(parallel, options);
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const { model, tokenizer, identity } = await openSubject(subject, options.device);
      const layers = chosenLayers(options.layers, model.config.layers);
      const { progress, signal } = watch;
      const asked = { layers, poolings, batchTokens, compute: dtype, draws, seed, progress, signal };
      const rows = await chooseRows(model, tokenizer, { pairs, held }, asked);
      const settings = {
        layers,
        poolings,
        pairs: pairs.length,
        most,
        held: [...held.values()][0]!.length,
        draws,
        seed,
      };
      files.push({ lens: "choose", model: identity, settings, data: sources, rows });
      model.dispose();
    }
    return files;
  },
  figure: chooseFigure,
  tables: chooseTables,
};

export function define(command: Command): void {
  lensAction(
    addLayerOption(addTextOptions(command))
      .option("--parallel <path>", "training pairs to fit on; every second text of --data by default")
      .option("--train <list>", "languages of the training pairs, pivot first; those of --languages by default", list)
      .option("--pairs <n>", "training pairs per language", whole(10), 300)
      .option(
        "--poolings <list>",
        "how a sentence's states become one vector: last, mean, weighted, max",
        (text) => list(text).map(asPooling),
        ["mean", "weighted", "last"] satisfies Pooling[],
      )
      .option("--draws <n>", "bootstrap resamples", whole(20), 200),
    verb,
  );
}
