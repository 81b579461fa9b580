import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Hugging Face hub cache that Python's huggingface_hub uses too: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub. */
export function cacheFolder(): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  return HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(home, "hub");
}

/** Where a model lives in the cache: blobs/, refs/ and snapshots/ are below. */
export const repositoryFolder = (id: string): string => join(cacheFolder(), `models--${id.replaceAll("/", "--")}`);

/** Whether a snapshot holds a config and all the weights that it names. */
function isComplete(snapshot: string): boolean {
  const has = (name: string) => existsSync(join(snapshot, name));
  if (!has("config.json")) return false;
  const index = join(snapshot, "model.safetensors.index.json");
  if (!existsSync(index)) return has("model.safetensors");
  const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> };
  return [...new Set(Object.values(map))].every(has);
}

/** The cached snapshot of a model's revision, if all that is needed of it is there. */
export function cachedSnapshot(id: string, revision: string): string | undefined {
  const folder = repositoryFolder(id);
  const reference = join(folder, "refs", revision);
  const commit = existsSync(reference) ? readFileSync(reference, "utf8").trim() : revision;
  const snapshot = join(folder, "snapshots", commit);
  return isComplete(snapshot) ? snapshot : undefined;
}
