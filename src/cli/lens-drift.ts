import type { Command } from "commander";
import { driftRows } from "../lenses/drift.ts";
import { openSubject } from "../lenses/subject.ts";
import { readTexts } from "../lenses/texts.ts";
import { driftFigure, driftTables } from "../report/lens/drift.ts";
import { UsageError } from "../run/errors.ts";
import type { LensFile } from "../run/records.ts";
import { addTextOptions, type LensVerb, lensAction, type TextLensOptions } from "./lens-command.ts";
import { whole } from "./options.ts";

interface Options extends TextLensOptions {
  draws: number;
}

const verb: LensVerb<Options> = {
  async look([first, ...others], options, watch) {
    if (others.length === 0)
      throw new UsageError("Drift needs a model before and one after: two --model, --model with --adapter, or --run.");
    const { data, languages, limit = 200, draws, seed, batchTokens, dtype } = options;
    const { texts, sources } = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed });
    // weights are compared as well, and small changes would be rounded away
    const before = await openSubject(first!, options.device, "float32");
    const files: LensFile[] = [];
    for (const subject of others) {
      const after = await openSubject(subject, options.device, "float32");
      const { progress, signal } = watch;
      const asked = { batchTokens, compute: dtype, draws, seed, progress, signal };
      const rows = await driftRows([before.model, after.model], before.tokenizer, texts, asked);
      const settings = { before: first!.identity, sentences: texts.values().next().value!.length, draws, seed };
      files.push({ lens: "drift", model: subject.identity, settings, data: sources, rows });
      after.model.dispose();
    }
    before.model.dispose();
    return files;
  },
  figure: driftFigure,
  tables: driftTables,
};

export function define(command: Command): void {
  lensAction(
    addTextOptions(command)
      .option("--draws <n>", "bootstrap resamples", whole(20), 200)
      .addHelpText(
        "after",
        "\nThe first model is before; every other one is compared with it. 200 texts per language by default.",
      ),
    verb,
  );
}
