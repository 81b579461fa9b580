// What the demo's programs share: where things are, and the command line that users have.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(here);

function run(file, args, data) {
  const env = { ...process.env, INTERLINGUA_DATA: data };
  const done = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: "inherit", env });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Writes parts of the demo's data (tokenizer, pretraining, evaluation, alignment) into a folder. */
export function makeData(folder, ...what) {
  run(join(root, "node_modules/typescript/bin/tsc"), ["-p", join(here, "tsconfig.json")], folder);
  run(join(root, "build/demo/data/make.js"), [folder, ...what], folder);
}

/** The command line; recipes find the demo's data under INTERLINGUA_DATA. */
export const interlingua = (data, ...args) => run(join(root, "bin/interlingua.js"), args, data);
