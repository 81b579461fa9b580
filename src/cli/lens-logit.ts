import type { Command } from "commander";
import { labelledPrompts } from "../lenses/labelled-prompts.ts";
import { type LogitRows, logitCurves, logitLanguages } from "../lenses/logit.ts";
import { openSubject } from "../lenses/subject.ts";
import { readTexts } from "../lenses/texts.ts";
import type { Watch } from "../recipe/watch.ts";
import { logitFigure, logitTables } from "../report/lens/logit.ts";
import { UsageError } from "../run/errors.ts";
import type { LensFile } from "../run/records.ts";
import { type LensOptions, type LensVerb, lensAction } from "./lens-command.ts";
import { list, whole } from "./options.ts";

interface Options extends LensOptions {
  data?: string;
  languages?: string[];
  limit: number;
  task?: string;
  items?: string;
  shots: number;
}

function sayLeftOut({ dropped, alike }: Omit<LogitRows, "rows">, watch: Watch): void {
  for (const [code, count] of Object.entries(dropped))
    watch.say(`${code}: ${count} prompts left out, whose label may begin with the same token in English`);
  for (const [code, count] of Object.entries(alike))
    watch.say(`${code}: ${count} prompts left out, whose right label begins with the same token as another`);
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { limit, task, items, shots, seed, languages, batchTokens, dtype } = options;
    if ([options.data, items, task].every((each) => each === undefined))
      throw new UsageError("Nothing to read. Give --data, or --task or --items with prompts of your own.");
    const { data = "" } = options;
    const reading = { data, languages, shots, seed, prompts: "question-translation" } as const;
    const prompts = await labelledPrompts({ ...reading, limit, task, items });
    const parallel = prompts === undefined ? await readTexts(reading) : undefined;
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const open = await openSubject(subject, options.device, dtype);
      const { progress, signal } = watch;
      const settings = { batchTokens, compute: dtype, progress, signal };
      const shared = { lens: "logit", model: subject.identity, data: (prompts ?? parallel)!.sources };
      if (prompts !== undefined) {
        const { rows, ...left } = await logitCurves(open, prompts.sets, settings);
        files.push({ ...shared, settings: { task: task ?? "items", shots, limit, seed, ...left }, rows });
        if (files.length === 1) sayLeftOut(left, watch);
      } else {
        const rows = await logitLanguages(open, parallel!.texts, limit, settings);
        files.push({ ...shared, settings: { task: "flores", limit }, rows });
      }
      open.model.dispose();
    }
    return files;
  },
  figure: logitFigure,
  tables: logitTables,
};

export function define(command: Command): void {
  lensAction(
    command
      .option("--data <folder>", "one subfolder per data set in an official layout, such as flores200/")
      .option("--languages <list>", "languages, any spelling; all that are there by default", list)
      .option("--limit <n>", "prompts per language", whole(2), 100)
      .option(
        "--task <name>",
        "label curves on the prompts of polarity, snli or paws (question translation), or of a task file (.yaml) that has its items in English too",
      )
      .option("--items <file>", "label curves on prompts of your own, JSON Lines")
      .option("--shots <n>", "demonstrations in the prompts of --task", whole(0), 2)
      .addHelpText(
        "after",
        `
Without --task and --items the texts are FLORES lines, read to their middle: the probability of each language's and script's tokens.
A line of --items: {"language", "prompt", "gold", "words", "english"}; gold is the index of the right label in words, the labels in
the prompt's language, and in english. The prompt ends where the label begins.`,
      ),
    verb,
  );
}
