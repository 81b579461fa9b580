import type { Command } from "commander";
import { readParallel } from "../data/parallel.ts";
import type { SentencePair } from "../data/sentence-pair.ts";
import { type ChooseTexts, chooseRows } from "../lenses/choose.ts";
import { openSubject } from "../lenses/subject.ts";
import { type ParallelTexts, readTexts } from "../lenses/texts.ts";
import type { Pooling } from "../nn/index.ts";
import { chooseFigure, chooseTables } from "../report/lens/choose.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource, LensFile } from "../run/records.ts";
import { language } from "../text/languages.ts";
import { type LensVerb, lensAction } from "./lens-command.ts";
import { addPoolings, addStateOptions, chosenLayers, type StateLensOptions } from "./lens-states.ts";
import { list, whole } from "./options.ts";

interface Options extends StateLensOptions {
  poolings: Pooling[];
  parallel?: string;
  train?: string[];
  pairs: number;
  draws: number;
}

/** Training pairs where they were given; else every second text is for fitting. */
function divide({ texts, sources }: ParallelTexts, options: Options): ChooseTexts & { sources: DataSource[] } {
  const [pivot, ...others] = [...texts.keys()];
  if (others.length === 0) throw new UsageError("--languages: expected a pivot and at least one other language.");
  const held = (lines: (code: string) => string[]) => {
    const shared = lines(pivot!);
    return new Map(others.map((code) => [code, { pivot: shared, translations: lines(code) }]));
  };
  if (options.parallel !== undefined) {
    const asked = options.train ?? [pivot!, ...others];
    const read = readParallel(options.parallel, asked, { limit: options.pairs });
    return { pairs: read.pairs, held: held((code) => texts.get(code)!), sources: [...read.sources, ...sources] };
  }
  const part = (code: string, parity: number) => texts.get(code)!.filter((_, i) => i % 2 === parity);
  const trained = (options.train ?? others).map((spelling) => language(spelling).code);
  const pairs = others
    .filter((code) => trained.includes(code))
    .flatMap((code) => {
      const translations = part(code, 1);
      return part(pivot!, 1)
        .map((a, i): SentencePair => ({ a, b: translations[i]!, languages: [pivot!, code] }))
        .slice(0, options.pairs);
    });
  if (pairs.length === 0) throw new UsageError("--train: none of these is among --languages; nothing to fit on.");
  return { pairs, held: held((code) => part(code, 0)), sources };
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { data, languages, limit = 400, poolings, pairs: most, draws, seed, batchTokens, dtype } = options;
    const parallel = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    const { pairs, held, sources } = divide(parallel, options);
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const { model, tokenizer, identity } = await openSubject(subject, options.device, dtype);
      const layers = chosenLayers(options.layers, model.config.layers);
      const { progress, signal } = watch;
      const asked = { layers, poolings, batchTokens, compute: dtype, draws, seed, progress, signal };
      const rows = await chooseRows(model, tokenizer, { pairs, held }, asked);
      const settings = {
        layers,
        poolings,
        pairs: pairs.length,
        most,
        held: [...held.values()][0]!.pivot.length,
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
    addPoolings(addStateOptions(command))
      .option(
        "--parallel <path>",
        "training pairs to fit on; by default every second text of --data, and the others are found",
      )
      .option("--train <list>", "languages of the training pairs, pivot first; those of --languages by default", list)
      .option("--pairs <n>", "training pairs per language", whole(10), 300)
      .option("--draws <n>", "bootstrap resamples", whole(20), 200),
    verb,
  );
}
