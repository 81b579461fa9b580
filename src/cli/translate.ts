import { basename, extname, resolve } from "node:path";
import type { Command } from "commander";
import { readSegments } from "../eval/metrics/segment-file.ts";
import { translationTemplates } from "../eval/translation-prompts.ts";
import { type Translated, translateStage } from "../recipe/translate.ts";
import type { LinesToTranslate } from "../recipe/translation-task.ts";
import { UsageError } from "../run/errors.ts";
import { addDecodingOptions, type DecodingOptions, decodingOf } from "./decoding-options.ts";
import { evaluationText } from "./eval-table.ts";
import { readPlainLines } from "./lines.ts";
import { addCommonOptions, type CommonOptions, list, whole, wholes } from "./options.ts";
import { watched } from "./watch.ts";

interface Options extends CommonOptions, DecodingOptions {
  model: string;
  adapter?: string;
  pairs: string[];
  data?: string;
  input?: string;
  references?: string[];
  shots: number[];
  seeds?: number[];
  template: string;
  maxNewTokens?: number;
  limit?: number;
  applyChatTemplate?: boolean;
  output?: string;
  json?: boolean;
}

/** The lines of --input with their references; undefined where FLORES is translated. */
async function readLines({ input, references = [], limit }: Options): Promise<LinesToTranslate | undefined> {
  if (input === undefined) {
    if (references.length === 0) return undefined;
    throw new UsageError("--references: FLORES has its own. Give them with --input.");
  }
  const lines = input === "-" ? await readPlainLines() : readSegments(input);
  const others = references.map((path) => {
    const found = readSegments(path);
    if (found.length === lines.length) return found.slice(0, limit);
    throw new UsageError(`${path}: expected ${lines.length} lines as in ${input}, received ${found.length}.`);
  });
  const name = input === "-" ? "" : basename(input, extname(input));
  return { name, lines: lines.slice(0, limit), references: others };
}

function print(found: Translated, { input, references, quiet, json }: Options): void {
  if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else if (input === undefined) process.stdout.write(evaluationText(found));
  else {
    for (const line of found.translations.flatMap(({ lines }) => lines)) process.stdout.write(`${line}\n`);
    if (references !== undefined && !quiet) process.stderr.write(evaluationText(found));
  }
}

const help = `
With --data alone, sentences of FLORES-200 (devtest, else dev) are translated for every pair and scored: tables on
standard output. With --input, the lines of a file are translated: lines on standard output in the same order, scores
against --references on standard error. Templates: ${translationTemplates.join(", ")}, or a text with {source},
{source_language} and {target_language}. The translation is the first line that the model writes.`;

function addTextOptions(command: Command): Command {
  return command
    .requiredOption("--model <folder>", "Hugging Face folder or hub id")
    .option("--adapter <folder>", "PEFT adapter")
    .requiredOption("--pairs <list>", "source-target, any spelling: eng-deu,deu-eng", list)
    .option("--data <folder>", "folder with FLORES-200: what is translated, or where demonstrations come from")
    .option("--input <file>", "lines to translate; - reads standard input")
    .option("--references <files...>", "of --input, line by line; one file or several")
    .option("--limit <n>", "sentences, from the top", whole(1))
    .option("--shots <list>", "demonstrations before each sentence (of FLORES dev, else devtest)", wholes, [0])
    .option("--seeds <list>", "seeds of the demonstrations, in the place of --seed", wholes)
    .option("--template <name>", "how a translation is asked for", "flores")
    .option("--apply-chat-template", "put prompts into a turn as the model's chat template writes it");
}

export function define(command: Command): void {
  const texts = addTextOptions(addCommonOptions(command)).optionsGroup("Decoding:");
  addDecodingOptions(texts)
    .option("--max-new-tokens <n>", "at most this many tokens per sentence (default 256)", whole(1))
    .optionsGroup("Results:")
    .option("--output <run>", "run folder: rows and results in eval/, plain lines in translations/")
    .option("--json", "print one JSON document: results, checks, translations")
    .addHelpText("after", help)
    .action((options: Options) =>
      watched(options.quiet, async (watch) => {
        const { seed, seeds = [seed], dtype, data, ...asked } = options;
        const lines = await readLines(options);
        if (lines !== undefined && options.shots.length * seeds.length > 1)
          throw new UsageError("--shots, --seeds: lines are translated once. Give one number of each.");
        const found = await translateStage({
          ...asked,
          ...{ seeds, compute: dtype, decoding: { ...decodingOf(options), seed }, watch },
          ...(data !== undefined && { data: resolve(data) }),
          ...(lines && { lines }),
        });
        print(found, options);
        if (found.failed === 0) return;
        process.stderr.write(`error: ${found.failed} sentences could not be translated; see failed-items.\n`);
        process.exitCode = 1;
      }),
    );
}
