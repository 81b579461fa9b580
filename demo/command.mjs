// What the demo's programs share: where things are, and the command line that users have.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(here);

function run(file, args, env = {}, stdout = "inherit") {
  const options = { cwd: root, stdio: ["inherit", stdout, "inherit"], env: { ...process.env, ...env } };
  const done = spawnSync(process.execPath, [file, ...args], options);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Compiles the demo's TypeScript into build/demo. */
export const compile = () => run(join(root, "node_modules/typescript/bin/tsc"), ["-p", join(here, "tsconfig.json")]);

/** Runs a compiled program of the demo. */
export function program(path, ...args) {
  compile();
  run(join(root, "build/demo", path), args);
}

/** Writes parts of the demo's data (tokenizer, pretraining, evaluation, alignment) into a folder. */
export const makeData = (folder, ...what) => program("data/make.js", folder, ...what);

/** The command line; recipes find the demo's data under INTERLINGUA_DATA. */
export const interlingua = (data, ...args) =>
  run(
    join(root, "bin/interlingua.js"),
    args,
    { INTERLINGUA_DATA: data },
    args.includes("--json") ? "ignore" : "inherit",
  );
