// Everything that a fresh clone needs, in one idempotent command: packages, libtorch, the addon, the compiled TypeScript
// and the report's chart bundle. Uses nothing but Node. Python only installs torch; nothing of the product runs it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCollectives } from "./collectives.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, "build");
const preferredTorch = "2.13.0";
const oldestTorch = [2, 13];

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function fail(problem, remedy) {
  process.stderr.write(`setup: ${problem}\n       ${remedy}\n`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  return { ok: done.status === 0, out: done.stdout ?? "", log: `${done.stdout ?? ""}${done.stderr ?? ""}` };
}

function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}

const readIf = (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** Runs `work` unless the stamp file already holds `key`; the stamp is written only after success. */
function once(name, key, present, work) {
  const stamp = join(build, `${name}.stamp`);
  if (readIf(stamp) === key && present()) return false;
  work();
  mkdirSync(build, { recursive: true });
  writeFileSync(stamp, key);
  return true;
}

function filesBelow(folder, endings) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.includes("node_modules"))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

const hashFiles = (paths) => digest(...paths.flatMap((path) => [path.slice(root.length), readFileSync(path)]));

function installPackages() {
  const lock = readFileSync(join(root, "package-lock.json"));
  once(
    "packages",
    digest(lock, process.platform, process.arch),
    () => existsSync(join(root, "node_modules/zod")),
    () => {
      say("installing npm packages (about 250 MB)");
      const npm = run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci"]);
      if (!npm.ok)
        fail(
          `npm ci failed:\n${npm.log.trim().split("\n").slice(-15).join("\n")}`,
          "Check the network or the npm registry settings and run it again.",
        );
    },
  );
}

/** The torch package in `folder`, without importing it (an import takes seconds). */
function readTorch(folder) {
  const version = readIf(join(folder, "version.py"));
  if (version === undefined || !existsSync(join(folder, "include/ATen/ATen.h"))) return undefined;
  const number = version.match(/__version__ = '([^']+)'/)?.[1];
  const cuda = version.match(/^cuda(?:: [^=]+)? = (?:'([^']+)'|None)/m)?.[1] ?? null;
  return { folder, version: number, cuda };
}

const pythonTorch = () =>
  run("python3", [
    "-c",
    "import importlib.util as u, os; s = u.find_spec('torch'); print(os.path.dirname(s.origin) if s and s.origin else '')",
  ]).out.trim();

function privateTorch() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const place = join(cache, "interlingua", `torch-${preferredTorch}`);
  const find = () => {
    if (!existsSync(place)) return undefined;
    const version = readdirSync(place, { recursive: true }).find(
      (name) => name.endsWith("torch/version.py") && !name.includes("torch/_"),
    );
    return version === undefined ? undefined : readTorch(dirname(join(place, version)));
  };
  const found = find();
  if (found !== undefined) return found;
  if (!run("python3", ["--version"]).ok)
    fail(
      "no libtorch was found, and there is no python3 to install one with.",
      "Install Python 3 (with pip), or set INTERLINGUA_TORCH to the folder of an installed torch package.",
    );
  say(`installing torch ${preferredTorch} into ${place}`);
  say("this downloads 200 MB (CPU wheel) to 3 GB (CUDA wheels) and takes minutes, once.");
  if (!existsSync("/dev/nvidia0") && process.platform === "linux")
    say("no NVIDIA device here: docs/install.md names the smaller CPU wheel (INTERLINGUA_PIP_ARGS).");
  rmSync(place, { recursive: true, force: true });
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const extra = (process.env.INTERLINGUA_PIP_ARGS ?? "").split(/\s+/).filter(Boolean);
  const install = ["-m", "pip", "install", "--disable-pip-version-check"];
  // --target needs only pip; a Python without pip can make an environment that has it
  const pip = run("python3", ["-m", "pip", "--version"]).ok
    ? run("python3", [...install, "--target", unfinished, `torch==${preferredTorch}`, ...extra])
    : run("python3", ["-m", "venv", unfinished]).ok
      ? run(join(unfinished, "bin/python3"), [...install, `torch==${preferredTorch}`, ...extra])
      : { ok: false, log: "this Python has neither pip nor venv (on Debian: apt-get install python3-venv)" };
  if (!pip.ok)
    fail(
      `pip could not install torch:\n${pip.log.trim().split("\n").slice(-10).join("\n")}`,
      "Install torch yourself and set INTERLINGUA_TORCH to its folder.",
    );
  renameSync(unfinished, place);
  return (
    find() ??
    fail(`pip installed no torch under ${place}.`, "Set INTERLINGUA_TORCH to the folder of an installed torch package.")
  );
}

function findTorch() {
  const named = process.env.INTERLINGUA_TORCH;
  const found = named !== undefined ? readTorch(named) : (readTorch(pythonTorch() || "/nonexistent") ?? privateTorch());
  if (found === undefined)
    fail(
      `INTERLINGUA_TORCH=${named}: no torch package with headers there.`,
      "Name the folder that holds torch/version.py and torch/include.",
    );
  const [major, minor] = found.version.split(".").map(Number);
  if (major < oldestTorch[0] || (major === oldestTorch[0] && minor < oldestTorch[1]))
    if (named !== undefined)
      fail(
        `torch ${found.version} in ${found.folder} is older than ${oldestTorch.join(".")}, the oldest that is tested.`,
        `Install torch ${preferredTorch}, or unset INTERLINGUA_TORCH.`,
      );
    else return privateTorch();
  return found;
}

const compilerFlags = (torch) => [
  ...["-std=c++20", "-O2", "-fPIC"],
  ...["include", "include/torch/csrc/api/include"].flatMap((path) => ["-isystem", join(torch.folder, path)]),
];

function compile(sources, torch, output) {
  const flags = [...compilerFlags(torch), "-DNAPI_VERSION=8", "-DNODE_ADDON_API_DISABLE_DEPRECATED"];
  const includes = ["node_modules/node-addon-api", "node_modules/node-api-headers/include"].flatMap((path) => [
    "-I",
    join(root, path),
  ]);
  const objects = sources.map((source) => `${output}.${source.split("/").pop()}.o`);
  const started = sources.map(
    (source, i) =>
      new Promise((resolve) => {
        const child = spawn("g++", [...flags, ...includes, "-c", source, "-o", objects[i]], {
          stdio: ["ignore", "ignore", "pipe"],
        });
        let log = "";
        child.stderr.on("data", (text) => (log += text));
        child.on("error", (error) => resolve(error.message));
        child.on("close", (code) => resolve(code === 0 ? undefined : log));
      }),
  );
  return Promise.all(started).then((logs) => {
    const problem = logs.find((log) => log !== undefined);
    if (problem !== undefined)
      fail(
        `the addon did not compile:\n${problem.split("\n").slice(0, 20).join("\n")}`,
        "A g++ with C++20 (11 or newer) is needed; on Debian: apt-get install g++.",
      );
    const lib = join(torch.folder, "lib");
    const mac = process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : [];
    const link = run("g++", [
      "-shared",
      ...mac,
      ...objects,
      "-o",
      `${output}.part`,
      "-L",
      lib,
      "-ltorch_cpu",
      "-lc10",
      `-Wl,-rpath,${lib}`,
    ]);
    for (const object of objects) rmSync(object, { force: true });
    if (!link.ok) fail(`the addon did not link:\n${link.log}`, "Is the torch installation complete?");
    renameSync(`${output}.part`, output);
  });
}

async function buildAddon() {
  const collectivesSource = join(root, "native/collectives.cpp");
  const sources = filesBelow(join(root, "native"), [".cpp", ".h"]).filter((path) => path !== collectivesSource);
  const torch = findTorch();
  const key = digest(hashFiles(sources), torch.version, torch.folder, process.arch);
  const file = `interlingua-${key}.node`;
  const record = join(build, "addon.json");
  mkdirSync(build, { recursive: true });
  if (!existsSync(join(build, file))) {
    if (!run("g++", ["--version"]).ok)
      fail(
        "no C++ compiler (g++) was found.",
        "On Debian or Ubuntu: apt-get install g++; on Fedora: dnf install gcc-c++.",
      );
    say(`building the addon against torch ${torch.version} (about 20 s)`);
    await compile(
      sources.filter((source) => source.endsWith(".cpp")),
      torch,
      join(build, file),
    );
  }
  const tools = { flags: compilerFlags(torch), digest, hash: hashFiles, run, say };
  const collectives = buildCollectives(collectivesSource, torch, build, tools);
  const text = `${JSON.stringify({ file, torch, collectives }, null, 2)}\n`;
  if (readIf(record) !== text) writeFileSync(record, text);
}

function compileTypeScript() {
  const sources = [
    ...filesBelow(join(root, "src"), [".ts"]),
    join(root, "tsconfig.json"),
    join(root, "tsconfig.build.json"),
  ];
  once(
    "typescript",
    hashFiles(sources),
    () => existsSync(join(root, "dist/index.js")),
    () => {
      say("compiling TypeScript");
      // other outputs of dist (the chart bundle) stay
      for (const name of existsSync(join(root, "dist")) ? readdirSync(join(root, "dist")) : [])
        if (name !== "web") rmSync(join(root, "dist", name), { recursive: true });
      const tsc = run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"]);
      if (!tsc.ok)
        fail(
          `TypeScript did not compile:\n${tsc.log}`,
          "This is a fault of the checkout; `git status` shows local changes.",
        );
    },
  );
}

function buildCharts() {
  const sources = [
    ...filesBelow(join(root, "web"), [".ts", ".css", ".json", ".html"]),
    join(root, "package-lock.json"),
  ];
  once(
    "web",
    hashFiles(sources),
    () => existsSync(join(root, "dist/web/report.js")),
    () => {
      say("building the report's charts");
      const vite = run(
        process.execPath,
        [join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "error"],
        { cwd: join(root, "web") },
      );
      if (!vite.ok)
        fail(`the chart bundle did not build:\n${vite.log}`, "Run `npm run build -w web` to see the whole message.");
    },
  );
}

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old.`, "Install Node 20 or newer.");
installPackages();
await buildAddon();
compileTypeScript();
buildCharts();
