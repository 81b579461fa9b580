// The library of collectives (native/collectives.cpp), for training in several processes. It needs headers that the torch
// package lacks: without them there is none, which is no error, and `--processes` says what to install.
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const cudaHeaders = ["nccl.h", "cuda_runtime_api.h", "cublas_v2.h", "cusparse.h", "cusolverDn.h"];

/** Compiler flags by backend, where its headers are found: the system's, or those of the packages beside a CUDA wheel. */
function findBackends(torch) {
  const site = join(dirname(torch.folder), "nvidia");
  const packages = existsSync(site) ? readdirSync(site).map((name) => join(site, name, "include")) : [];
  const places = ["/usr/include", "/usr/local/include", "/usr/local/cuda/include", ...packages];
  const folderOf = (header) => places.find((place) => existsSync(join(place, header)));
  // g++ looks in /usr/include by itself, and must not be told to look there first
  const include = (folders) =>
    [...new Set(folders)].flatMap((folder) => (folder === "/usr/include" ? [] : ["-isystem", folder]));
  const found = {};
  const gloo = folderOf("gloo/config.h");
  if (gloo !== undefined) found.gloo = ["-DUSE_C10D_GLOO", ...include([gloo])];
  const cuda = cudaHeaders.map(folderOf);
  if (torch.cuda !== null && !cuda.includes(undefined)) found.nccl = ["-DUSE_C10D_NCCL", ...include(cuda)];
  return found;
}

/** `{file, backends}` of the library in `build`, or `{backends: [], problem}`. `tools` are set-up's own. */
export function buildCollectives(source, torch, build, { flags, digest, hash, run, say }) {
  const found = findBackends(torch);
  const all = Object.keys(found);
  if (all.length === 0) return { backends: [], problem: "the headers of Gloo were not found" };
  let problem;
  for (const backends of all.length > 1 ? [all, ["gloo"]] : [all]) {
    const options = backends.flatMap((backend) => found[backend]);
    const file = `collectives-${digest(hash([source]), torch.version, torch.folder, process.arch, options.join(" "))}.so`;
    const failure = join(build, `${file}.failed`); // so that what can't be built is tried once
    if (existsSync(join(build, file))) return { file, backends };
    if (existsSync(failure)) continue;
    say(`building collectives over ${backends.join(" and ")} (about 25 s)`);
    const lib = join(torch.folder, "lib");
    const libraries = ["-ltorch_cpu", "-lc10", ...(backends.includes("nccl") ? ["-ltorch_cuda", "-lc10_cuda"] : [])];
    const output = ["-o", join(build, `${file}.part`), "-L", lib, ...libraries, `-Wl,-rpath,${lib}`];
    const made = run("g++", [...flags, "-shared", ...options, source, ...output]);
    if (made.ok) {
      renameSync(join(build, `${file}.part`), join(build, file));
      return { file, backends };
    }
    if (made.log === "") return { backends: [], problem: "there is no g++ to build them with" };
    problem = made.log.split("\n").find((line) => /error/i.test(line)) ?? made.log.trim();
    say(`collectives over ${backends.join(" and ")} did not build: ${problem}`);
    writeFileSync(failure, problem);
  }
  return { backends: [], problem: `they did not build (${problem ?? "see `npm run setup`'s first run"})` };
}
