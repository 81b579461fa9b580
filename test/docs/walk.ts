import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Block, fileOf, type Page } from "./page.ts";
import { root } from "./repository.ts";

/** What takes too long for a test, and what a reader who has run it has: the same files, made smaller. */
const standIns: Record<string, string[]> = {
  "npm run demo": [
    "node node_modules/typescript/bin/tsc -p demo/tsconfig.json",
    "node build/demo/data/make.js runs/demo/data evaluation alignment",
    "INTERLINGUA_DATA=runs/demo/data node bin/interlingua.js study demo/afp.yaml --runs runs/demo --quiet --threads 1 --set name=afp \
      --set train.max_steps=2 --set evaluate.limit=8 --set 'evaluate.languages=[en,de]' --set 'evaluate.lenses=[similarity]' \
      --set 'evaluate.tasks=[runs/demo/data/tasks/fact-in-english.yaml,flores]'",
  ],
};

/** Makes a folder look like a clone after set-up: everything of the checkout but what runs and compilers left. */
export function likeClone(folder: string): void {
  for (const name of readdirSync(root))
    if (!["runs", "build", ".git"].includes(name)) symlinkSync(join(root, name), join(folder, name));
}

function shell(folder: string, script: string): { code: number | null; out: string } {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "PASSIVE" }; // recipes may ask for two
  const done = spawnSync("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, encoding: "utf8", env });
  return { code: done.status, out: `${done.stdout}${done.stderr}` };
}

/** An output without what another model or machine changes: figures, remarks, widths of columns. */
const shape = (text: string): string =>
  text
    .split("\n")
    .map((line) =>
      line
        .replace(/ {2}(?:at chance|one label)(?:, one label)?$/, "")
        .replace(/\d[\d.–]*/g, "#")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "")
    .join("\n");

const text = ({ lines }: Block): string => `${lines.join("\n")}\n`;

/**
 * Does what a reader of the page does, in order: saves snippets that are files, runs the blocks marked `runs`, compares what a
 * block marked `prints` shows. Commands of `standIns` are done in their smaller form, when a later block runs.
 */
export function walk(page: Page, folder: string): string[] {
  let printed = "";
  for (const [i, block] of page.blocks.entries()) {
    const at = `${page.path}:${block.line}`;
    const file = fileOf(block);
    if (block.kind === "yaml" && file !== undefined) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text(block));
    }
    if (block.marks.includes("prints") && shape(text(block)) !== shape(printed))
      return [`${at}: shown is\n${shape(text(block))}\nprinted was\n${shape(printed)}`];
    if (block.kind !== "commands") continue;
    const later = page.blocks.slice(i).some(({ marks }) => marks.includes("runs"));
    const instead = later ? block.lines.flatMap((line) => standIns[line.trim()] ?? []) : [];
    const scripts = [...instead, ...(block.marks.includes("runs") ? [text(block)] : [])];
    for (const script of scripts) {
      const { code, out } = shell(folder, script);
      if (code !== 0) return [`${at}: exit code ${code}\n${script}\n${out}`];
      printed = out;
    }
  }
  return [];
}
