import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The Python that tests compare with; only tests run Python. */
const interpreter = process.env.INTERLINGUA_PYTHON ?? "python3";

/** Which of these modules it lacks; all of them where there is no Python. Finding is quicker than importing. */
function lacking(modules: readonly string[]): string[] {
  const find = "import importlib.util, sys; print(*[m for m in sys.argv[1:] if importlib.util.find_spec(m) is None])";
  const { status, stdout } = spawnSync(interpreter, ["-c", find, ...modules], { encoding: "utf8" });
  return status === 0 ? stdout.split(/\s+/).filter((name) => name !== "") : [...modules];
}

/** Why tests that need these modules are skipped, or undefined where they can run. */
export function pythonLacks(...modules: string[]): string | undefined {
  const absent = lacking(modules);
  return absent.length === 0
    ? undefined
    : `${interpreter} (INTERLINGUA_PYTHON, else python3) cannot import ${absent.join(", ")}`;
}

/** Runs a program of test/python and reads the JSON that it prints. */
export function python<T>(program: string, ...args: string[]): T {
  const path = fileURLToPath(new URL(`./python/${program}`, import.meta.url));
  const done = spawnSync(interpreter, [path, ...args], {
    encoding: "utf8",
    env: { ...process.env, HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" },
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) throw new Error(`${program}: ${done.error?.message ?? done.stderr.slice(-2000)}`);
  return JSON.parse(done.stdout) as T;
}
