import { type DryRun, dryRun } from "./dry-run.ts";
import { type Block, fileOf, type Page } from "./page.ts";
import { inClone, packageScripts } from "./repository.ts";
import { isPlaceholder, type ShellCommand, shellCommands } from "./shell.ts";
import { interlinguaTraces, type Snippets, shellTraces, type Traces } from "./traces.ts";

// besides node, npm and the command line itself; a word that is none of these is a slip or an output without its fence
const otherPrograms = [
  ..."cat cd cp echo export git head kill ls mkdir printf comet-score".split(" "),
  ..."apt-get brew dnf xcode-select nvidia-smi pip python python3 torchrun".split(" "),
];

const builtBySetUp = ["build", "dist", "node_modules"];
const npmVerbs = ["test", "ci", "install", "link"];

/** The part of a command that is interlingua's, however it is started. */
export function interlinguaWords(words: readonly string[]): readonly string[] | undefined {
  if (words[0] === "interlingua") return words.slice(1);
  return words[0] === "node" && words[1] === "bin/interlingua.js" ? words.slice(2) : undefined;
}

function nodeTraces([file = "", ...rest]: readonly string[]): Traces {
  const makes: Record<string, string[]> = {
    "build/demo/data/make.js": rest.slice(0, 1),
    "demo/run.mjs": ["runs/demo"],
    "node_modules/typescript/bin/tsc": ["build/demo"],
  };
  const needs = [file, ...rest.filter((word) => /\.(?:ts|mjs|json|yaml)$/.test(word))];
  return {
    needs: needs.filter((word) => !word.startsWith("-") && !isPlaceholder(word)),
    makes: [...(makes[file] ?? []), ...(rest.length > 1 && file === "scripts/screenshots.mjs" ? rest.slice(1) : [])],
    faults: [],
  };
}

function npmTraces([verb = "", ...rest]: readonly string[]): Traces {
  const scripts = packageScripts(rest.includes("-w") ? rest[rest.indexOf("-w") + 1] : undefined);
  const name = verb === "run" ? rest.find((word) => !word.startsWith("-")) : verb;
  const known = verb === "run" ? name !== undefined && name in scripts : npmVerbs.includes(verb);
  return {
    needs: [],
    makes: name === "demo" ? ["runs/demo"] : [],
    faults: known ? [] : [`npm ${[verb, ...rest].join(" ")}: package.json has no such script`],
  };
}

async function tracesOf(command: ShellCommand, snippets: Snippets): Promise<Traces> {
  const [program = "", ...rest] = command.words;
  const shell = shellTraces(command);
  const add = ({ needs, makes, faults }: Traces): Traces => ({
    needs: [...shell.needs, ...needs],
    makes: [...shell.makes, ...makes],
    faults: [...shell.faults, ...faults],
  });
  const words = interlinguaWords(command.words);
  if (words !== undefined) {
    const { understood, fault }: DryRun = await dryRun(words);
    if (fault !== undefined) return add({ needs: [], makes: [], faults: [`interlingua ${words.join(" ")}: ${fault}`] });
    return understood === undefined ? shell : add(interlinguaTraces(understood, snippets));
  }
  if (program === "node") return add(nodeTraces(rest));
  if (program === "npm") return add(npmTraces(rest));
  if (program === "npx") return add({ needs: rest.filter((word) => word.includes("/")), makes: [], faults: [] });
  if (program !== "" && !otherPrograms.includes(program) && !inClone(program))
    return add({ needs: [], makes: [], faults: [`${program}: no known program; an output is fenced as text`] });
  return shell;
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const tidy = (path: string): string => path.replace(/^\.\//, "").replace(/\/$/, "");

function missing(needs: readonly string[], made: readonly string[]): string[] {
  return needs
    .map(tidy)
    .filter(
      (path) => !inClone(path) && ![...made, ...builtBySetUp].some((one) => isBelow(path, one) || isBelow(one, path)),
    )
    .map((path) => `${path}: neither in a clone nor made by an earlier command of this page`);
}

const snippetsOf = (page: Page): Map<string, string> =>
  new Map(
    page.blocks.flatMap((block) => {
      const file = fileOf(block);
      return file === undefined ? [] : [[file, block.lines.join("\n")] as const];
    }),
  );

/** What is wrong with the commands of a page: `path:line: …`. */
export async function commandFaults(page: Page): Promise<string[]> {
  const snippets = snippetsOf(page);
  const made = [...snippets.keys()];
  const faults: string[] = [];
  for (const block of page.blocks.filter(({ kind }) => kind === "commands")) {
    for (const command of shellCommands(block.lines, block.line)) {
      const { needs, makes, faults: own } = await tracesOf(command, snippets);
      const at = `${page.path}:${command.line}`;
      faults.push(...[...own, ...missing(needs, made)].map((fault) => `${at}: ${fault}`));
      made.push(...makes.map(tidy));
    }
    if (!saysHowLong(block)) faults.push(`${page.path}:${block.line}: the section does not say how long this takes`);
  }
  return faults;
}

const duration =
  /\b(?:\d+(?:\.\d+)?|an?|half an|few|some|two|three|four|five|ten|twenty)½? ?(?:s|seconds?|min|minutes?|h|hours?)\b/i;

/** A study, a training or the whole demo takes more than a minute: then its section says how long, unless a test runs it. */
function saysHowLong(block: Block): boolean {
  const long = shellCommands(block.lines, block.line).some(({ words }) => {
    const own = interlinguaWords(words);
    if (own !== undefined)
      return (
        ["study", "align", "pretrain"].includes(own[0] ?? "") &&
        !own.some((word) => isPlaceholder(word.replace(/^[\w.]+=/, ""))) &&
        !own.includes("--dry-run")
      );
    return words[0] === "npm" && ["demo", "demo:pretrain", "test"].includes(words.at(-1) ?? "");
  });
  return !long || block.marks.includes("runs") || duration.test(block.section);
}
