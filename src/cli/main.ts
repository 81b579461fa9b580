import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";

/** Every verb is one file with one function; it is imported only when it is asked for, so that --help stays quick. */
const verbs: { name: string; summary: string; define: (command: Command) => Promise<void> }[] = [
  {
    name: "study",
    summary: "measure → align → measure again → report: the whole of a recipe",
    define: async (c) => (await import("./study.ts")).define(c),
  },
  {
    name: "align",
    summary: "only the training stage of a recipe",
    define: async (c) => (await import("./align.ts")).define(c),
  },
  {
    name: "pretrain",
    summary: "train a small model from scratch",
    define: async (c) => (await import("./pretrain.ts")).define(c),
  },
  {
    name: "eval",
    summary: "in-context evaluation of a model",
    define: async (c) => (await import("./eval.ts")).define(c),
  },
  {
    name: "generate",
    summary: "continue prompts, JSONL in and out",
    define: async (c) => (await import("./generate.ts")).define(c),
  },
  {
    name: "score",
    summary: "log-likelihoods of continuations, JSONL in and out",
    define: async (c) => (await import("./score.ts")).define(c),
  },
  {
    name: "embed",
    summary: "sentence vectors of a layer, JSONL in, arrays out",
    define: async (c) => (await import("./embed.ts")).define(c),
  },
  {
    name: "tokenize",
    summary: "token ids of texts, JSONL in and out",
    define: async (c) => (await import("./tokenize.ts")).define(c),
  },
  {
    name: "merge",
    summary: "fold an adapter into its base model",
    define: async (c) => (await import("./merge.ts")).define(c),
  },
  {
    name: "export",
    summary: "a run's model as a checked Hugging Face folder with a model card",
    define: async (c) => (await import("./export.ts")).define(c),
  },
  {
    name: "data",
    summary: "look at training data",
    define: async (c) => (await import("./data.ts")).define(c),
  },
  {
    name: "compare",
    summary: "two or more evaluations, paired example by example",
    define: async (c) => (await import("./compare.ts")).define(c),
  },
  {
    name: "translate",
    summary: "FLORES or your own lines by few-shot prompt, with BLEU, chrF, TER and how translations fail",
    define: async (c) => (await import("./translate.ts")).define(c),
  },
  {
    name: "metrics",
    summary: "BLEU, chrF and TER of translations, and how they fail",
    define: async (c) => (await import("./metrics.ts")).define(c),
  },
  {
    name: "lens",
    summary: "look inside a model, or at several: similarity, pca, logit, neurons, drift, choose",
    define: async (c) => (await import("./lens.ts")).define(c),
  },
  {
    name: "diagnose",
    summary: "how a model treats its languages, without training: one report",
    define: async (c) => (await import("./diagnose.ts")).define(c),
  },
  {
    name: "report",
    summary: "a run as one HTML file, with JSON and Markdown twins",
    define: async (c) => (await import("./report.ts")).define(c),
  },
  {
    name: "inspect",
    summary: "a model's size, and the memory and disk it needs",
    define: async (c) => (await import("./inspect.ts")).define(c),
  },
  {
    name: "doctor",
    summary: "what this machine has and what is missing",
    define: async (c) => (await import("./doctor.ts")).define(c),
  },
  {
    name: "recipe",
    summary: "every key of a recipe, or its JSON Schema",
    define: async (c) => (await import("./recipe.ts")).define(c),
  },
];

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { name, message } = error as Error;
  // no stack: the message says where, what was expected, what came and what to do
  process.stderr.write(`error: ${message}\n`);
  if (process.env.INTERLINGUA_DEBUG !== undefined) process.stderr.write(`${(error as Error).stack}\n`);
  return name === "UsageError" ? 2 : 1;
}

/** Parses the command line, runs the verb, sets the exit code: 0 done, 1 failed, 2 usage or configuration. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command("interlingua")
    .description(
      "Measure how far apart the languages of a multilingual language model are, align them, and prove what changed.",
    )
    .version(version())
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError("(interlingua VERB --help lists its options)");
  const asked = argv[2];
  for (const { name, summary, define } of verbs) {
    const command = program.command(name).description(summary).exitOverride();
    if (name === asked || asked === "help") await define(command);
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0); // the reader, such as head, has seen enough
    throw error;
  });
  process.stderr.on("error", () => {}); // a run goes on, or saves and ends, though nobody reads its progress any more
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}
