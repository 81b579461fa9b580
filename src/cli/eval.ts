import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type EvaluateOptions, measuredModel } from "../recipe/evaluate.ts";
import type { Protocol } from "../recipe/evaluation-protocol.ts";
import type { Shard } from "../recipe/shard.ts";
import { type DropRule, dropRules } from "../tasks/drop-rules.ts";
import { labelModes, type PromptSet, promptSets } from "../tasks/prompt.ts";
import { evaluationText } from "./eval-table.ts";
import { addCommonOptions, type CommonOptions, list, whole, wholes } from "./options.ts";
import { watched } from "./watch.ts";

interface Options extends CommonOptions {
  model: string;
  adapter?: string;
  tasks: string[];
  languages: string[];
  shots: number[];
  seeds?: number[];
  data: string;
  limit?: number;
  prompts: PromptSet;
  sampler?: Protocol["sampler"];
  labels?: Protocol["labelMode"];
  promptLanguage?: string;
  demonstrationLanguage?: string;
  afpForm?: Protocol["afpForm"];
  split?: Protocol["split"];
  maxNewTokens?: number;
  drop?: DropRule[];
  pivotLabels?: boolean;
  applyChatTemplate?: boolean;
  shard?: Shard;
  format?: "harness";
  invarianceCheck?: number;
  output: string;
  json?: boolean;
}

function asShard(text: string): Shard {
  const [, index, count] = text.match(/^(\d+)\/(\d+)$/) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new InvalidArgumentError("Expected i/n with i from 1 to n, such as 1/4.");
}

function asRules(text: string): DropRule[] {
  const rules = list(text);
  const isRule = (name: string): name is DropRule => (dropRules as readonly string[]).includes(name);
  if (rules.length > 0 && rules.every(isRule)) return rules;
  throw new InvalidArgumentError(`Expected some of ${dropRules.join(", ")}.`);
}

function addTaskOptions(command: Command): Command {
  return command
    .requiredOption("--tasks <list>", "names (docs/tasks.md), flores (bits per byte), or task files (my.yaml)", list)
    .requiredOption("--languages <list>", "languages, any spelling; pairs such as de-en for translation", list)
    .option("--shots <list>", "demonstrations before each example", wholes, [0])
    .option("--seeds <list>", "seeds of the demonstrations, in the place of --seed", wholes)
    .requiredOption("--data <folder>", "one subfolder per task in an official layout")
    .option("--limit <n>", "examples per language, from the top", whole(1))
    .option("--drop <checks>", `a second figure without the items of these checks: ${dropRules.join(", ")}`, asRules)
    .option("--pivot-labels", "a second figure by the labels that the English file has for the same items")
    .addOption(new Option("--prompts <set>", "prompt set").choices(promptSets).default("interlingua"))
    .option("--apply-chat-template", "put prompts into a conversation as the model's template writes it");
}

function addProtocolOptions(command: Command): Command {
  return command
    .optionsGroup("Within a prompt set:")
    .addOption(new Option("--sampler <name>", "of harness: demonstrations").choices(["random", "first_n"]))
    .addOption(new Option("--labels <mode>", "label words of question-translation").choices(labelModes))
    .option("--prompt-language <language>", "of afp: templates and demonstrations (default English)")
    .option("--demonstration-language <language>", "of afp: demonstrations, where another")
    .addOption(new Option("--afp-form <form>", "XNLI as in the paper or as in its code").choices(["paper", "code"]))
    .addOption(new Option("--split <name>", "what is evaluated").choices(["train", "dev", "test"]))
    .option("--max-new-tokens <n>", "of generated answers, in the place of the task's limit", whole(1));
}

function addRunOptions(command: Command): Command {
  return command
    .optionsGroup("Running:")
    .option("--shard <i/n>", "only the i-th of n parts, by task and language; all write into one run folder", asShard)
    .addOption(
      new Option("--format <name>", "also write lm-evaluation-harness' files to RUN/harness").choices(["harness"]),
    )
    .option("--invariance-check <k>", "score k items again, one request at a time, and report the difference", whole(1))
    .requiredOption("--output <run>", "run folder; results go to eval/<model>/ in it")
    .option("--json", "print results.json instead of tables");
}

function toRequest(options: Options, seedGiven: boolean): Omit<EvaluateOptions, "watch"> {
  const {
    seed,
    seeds,
    sampler,
    labels,
    promptLanguage,
    demonstrationLanguage,
    afpForm,
    split,
    maxNewTokens,
    drop,
    pivotLabels,
    ...rest
  } = options;
  return {
    ...rest,
    ...{ data: resolve(options.data), compute: options.dtype, harness: options.format === "harness" },
    doubts: { drop, pivotLabels },
    seeds: seeds ?? (seedGiven ? [seed] : undefined),
    protocol: {
      ...{ sampler, labelMode: labels, promptLanguage, demonstrationLanguage, afpForm, split },
      maximumNewTokens: maxNewTokens,
    },
  };
}

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder or hub id")
    .option("--adapter <folder>", "PEFT adapter");
  addRunOptions(addProtocolOptions(addTaskOptions(command))).action((options: Options) =>
    watched(options.quiet, async (watch) => {
      const seedGiven = command.getOptionValueSource("seed") !== "default";
      const file = await measuredModel({ ...toRequest(options, seedGiven), watch });
      process.stdout.write(options.json ? `${JSON.stringify(file)}\n` : evaluationText(file));
      if (!options.quiet) for (const path of file.harness ?? []) process.stderr.write(`${path}\n`);
      if (file.failed > 0) {
        process.stderr.write(`error: ${file.failed} items could not be answered; see failed-items among the checks.\n`);
        process.exitCode = 1;
      }
    }),
  );
}
