import type { Command } from "commander";
import { keptNeurons, neuronRows } from "../lenses/neurons.ts";
import { openSubject } from "../lenses/subject.ts";
import { readTexts } from "../lenses/texts.ts";
import { neuronsFigure, neuronsTables } from "../report/lens/neurons.ts";
import { UsageError } from "../run/errors.ts";
import type { LensFile } from "../run/records.ts";
import { addTextOptions, type LensVerb, lensAction, type TextLensOptions } from "./lens-command.ts";
import { whole } from "./options.ts";

interface Options extends TextLensOptions {
  deactivate: number;
}

const verb: LensVerb<Options> = {
  async look(subjects, options, watch) {
    const { data, languages, limit, deactivate, seed, batchTokens, dtype } = options;
    const { texts, sources } = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    if (texts.size < 2) throw new UsageError("Neurons of languages need at least two languages (--languages).");
    const sentences = texts.values().next().value!.length;
    const files: LensFile[] = [];
    for (const subject of subjects) {
      const open = await openSubject(subject, options.device, dtype);
      const { progress, signal } = watch;
      const rows = await neuronRows(open, texts, { batchTokens, compute: dtype, seed, deactivate, progress, signal });
      if (files.length > 0) rows.push(...keptNeurons(files[0]!.rows, rows));
      const settings = { sentences, deactivate, seed };
      files.push({ lens: "neurons", model: subject.identity, settings, data: sources, rows });
      open.model.dispose();
    }
    return files;
  },
  figure: neuronsFigure,
  tables: neuronsTables,
};

export function define(command: Command): void {
  lensAction(
    addTextOptions(command).option(
      "--deactivate <n>",
      "held-out texts per language on which neurons are switched off; 0 for none",
      whole(0),
      20,
    ),
    verb,
  );
}
