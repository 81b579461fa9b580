import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cachedSnapshot, cacheFolder } from "./cache.ts";

/** A hub id: `gpt2` or `facebook/xglm-564M`, with an optional `@revision`. */
const hubId = /^(\w[\w.-]*(?:\/\w[\w.-]*)?)(?:@([\w./-]+))?$/;

const isSet = (value: string | undefined): boolean =>
  value !== undefined && !["", "0", "false", "no"].includes(value.toLowerCase());

/** HF_TOKEN, else the token that `huggingface-cli login` left. */
function accessToken(): string | undefined {
  const { HF_TOKEN, HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_TOKEN) return HF_TOKEN.trim();
  const path = join(HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface"), "token");
  return existsSync(path) ? readFileSync(path, "utf8").trim() || undefined : undefined;
}

function explain(id: string, error: unknown): Error {
  const { statusCode, status, message } = error as { statusCode?: number; status?: number; message: string };
  const code = statusCode ?? status;
  if (code === 401 || code === 403)
    return new Error(
      `${id}: the hub refused access (${code}). The model may be private or gated, or the name wrong: set HF_TOKEN to a token that may read it, and accept its terms on its page.`,
    );
  if (code === 404) return new Error(`${id}: there is no such folder here, and no such model on the hub.`);
  return new Error(
    `${id}: there is no such folder here, and the download from the hub failed (${message}). What has arrived is kept; try again, or set HF_HUB_OFFLINE=1 to use only the cache.`,
  );
}

/**
 * The local folder of a model: a folder as it is, or a hub id from the cache that Python shares, downloaded where it is not
 * there. Honours HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE. What is cached needs no network.
 */
export async function resolveModel(model: string, progress?: (done: number, total: number) => void): Promise<string> {
  if (existsSync(model)) return model;
  const [, id, revision = "main"] = model.match(hubId) ?? [];
  if (id === undefined)
    throw new Error(
      `${model}: expected a Hugging Face model folder or a hub id such as facebook/xglm-564M, there is neither.`,
    );
  const cached = cachedSnapshot(id, revision);
  if (cached !== undefined) return cached;
  if (isSet(process.env.HF_HUB_OFFLINE))
    throw new Error(
      `${model}: there is no such folder, and it is not in the cache (${cacheFolder()}); HF_HUB_OFFLINE forbids a download.`,
    );
  const key = `${id}@${revision}`;
  const running = downloads.get(key);
  if (running !== undefined) return running;
  const started = download(id, revision, progress).finally(() => downloads.delete(key));
  downloads.set(key, started);
  return started;
}

/** Downloads under way: model and tokenizer of one id are often asked for at once. */
const downloads = new Map<string, Promise<string>>();

async function download(
  id: string,
  revision: string,
  progress: ((done: number, total: number) => void) | undefined,
): Promise<string> {
  const { downloadModel } = await import("./download.ts");
  const endpoint = (process.env.HF_ENDPOINT ?? "https://huggingface.co").replace(/\/+$/, "");
  try {
    return await downloadModel(id, revision, { endpoint, token: accessToken(), progress });
  } catch (error) {
    throw explain(id, error);
  }
}
