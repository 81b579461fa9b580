import { Command } from "commander";
import { run } from "../../src/cli/main.ts";
import { isPlaceholder } from "./shell.ts";

/** What the command line understood. */
export interface Understood {
  /** Such as `data build afp`. */
  verb: string;
  arguments: string[];
  /** Names as commander gives them (`maxNewTokens`); only what was written, no defaults. */
  options: Record<string, unknown>;
  /** Of these the ones whose value is a file or folder. */
  paths: string[];
}

export interface DryRun {
  understood?: Understood;
  /** The command line's own words. */
  fault?: string;
}

const nameOf = (command: Command): string =>
  command.parent === null ? "" : `${nameOf(command.parent)} ${command.name()}`.trim();

const written = (command: Command): Record<string, unknown> =>
  Object.fromEntries(Object.entries(command.opts()).filter(([key]) => command.getOptionValueSource(key) === "cli"));

const takesPath = /<(?:file|folder|path|run|dir)s?(?:\.\.\.)?>/;

const pathsOf = (command: Command): string[] =>
  command.options.filter(({ flags }) => takesPath.test(flags)).map((option) => option.attributeName());

/** Parses with the real definition of every verb, in whose actions nothing happens. */
async function parse(words: readonly string[]): Promise<DryRun> {
  const { action } = Command.prototype;
  const before = {
    argv: process.argv,
    exitCode: process.exitCode,
    out: process.stdout.write,
    err: process.stderr.write,
  };
  let understood: Understood | undefined;
  let told = "";
  process.exitCode = 0;
  Command.prototype.action = function (this: Command) {
    return action.call(this, () => {
      understood = { verb: nameOf(this), arguments: [...this.args], options: written(this), paths: pathsOf(this) };
    });
  };
  process.argv = ["node", "interlingua", ...words];
  process.stdout.write = () => true;
  process.stderr.write = (text: string | Uint8Array) => {
    told += text;
    return true;
  };
  try {
    await run(process.argv);
    if (process.exitCode !== 0) return { fault: told.trim().split("\n")[0]! };
    return understood === undefined ? {} : { understood };
  } finally {
    Command.prototype.action = action;
    process.argv = before.argv;
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.exitCode = before.exitCode;
  }
}

/** `[--limit N]` and `a|b` of a synopsis as a command that takes everything, and the first choice; $VARIABLES are numbers. */
const withoutBrackets = (words: readonly string[]): string[] =>
  words
    .map((word) => word.replace(/^\[(?=-|[A-Z])/, "").replace(/(?<!\[[^\]]*)\]$/, ""))
    .map((word) => (/^[\w-]+(?:\|[\w-]+)+$/.test(word) ? word.split("|")[0]! : word))
    .map((word) => word.replace(/\$\w+/g, "1"))
    .filter((word) => word !== "");

/**
 * Parses `interlingua WORDS` without running it. A placeholder stands for whatever its option wants; after a lone `…`
 * more may follow, so that nothing is missing.
 */
export async function dryRun(words: readonly string[]): Promise<DryRun> {
  const open = words.includes("…");
  let trial = withoutBrackets(words).filter((word) => word !== "…");
  for (let attempt = 0; attempt < 20; attempt++) {
    const result = await parse(trial);
    const refused = result.fault?.match(/argument '([^']+)' is invalid|invalid choice '([^']+)'/);
    const placeholder = refused?.[1] ?? refused?.[2];
    if (placeholder !== undefined && isPlaceholder(placeholder)) {
      trial = trial.map((word) => (word === placeholder ? "1" : word));
      continue;
    }
    if (open && /required option|missing required argument/.test(result.fault ?? "")) return {};
    return result;
  }
  return { fault: `more placeholders than can be tried: ${words.join(" ")}` };
}
