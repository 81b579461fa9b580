import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { listFiles, modelInfo } from "@huggingface/hub";
import { repositoryFolder } from "./cache.ts";

export interface DownloadOptions {
  endpoint: string;
  token: string | undefined;
  /** told after every piece: bytes of all files so far, and of all files */
  progress?: ((done: number, total: number) => void) | undefined;
}

/** One file of a repository; `etag` names its blob: the sha256 of a large file, the git hash of a small one. */
interface RemoteFile {
  path: string;
  size: number;
  etag: string;
  large: boolean;
}

/** Weights in safetensors, configs, tokenizers, templates, the card and the licence; nothing that could run. */
const wanted =
  /^([^/]*\.(safetensors|json|model|txt|jinja)|additional_chat_templates\/[^/]+\.jinja|README\.md|LICENSE[^/]*)$/;
const attempts = 5;

async function describe(
  id: string,
  revision: string,
  { endpoint, token }: DownloadOptions,
): Promise<{ commit: string; files: RemoteFile[] }> {
  const access = { hubUrl: endpoint, ...(token !== undefined && { accessToken: token }) };
  const { sha: commit } = await modelInfo({ name: id, revision, additionalFields: ["sha"], ...access });
  const files: RemoteFile[] = [];
  for await (const { type, path, size, oid, lfs } of listFiles({
    repo: id,
    revision: commit,
    recursive: true,
    ...access,
  })) {
    const etag = lfs?.oid ?? oid;
    if (type === "file" && wanted.test(path) && etag !== undefined)
      files.push({ path, size: lfs?.size ?? size, etag, large: lfs !== undefined });
  }
  return { commit, files };
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** Appends what is missing of a file to its unfinished copy; returns early where the connection is cut. */
async function fetchRest(
  url: string,
  unfinished: string,
  { token }: DownloadOptions,
  received: (bytes: number) => void,
): Promise<void> {
  const have = sizeOf(unfinished);
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(have > 0 && { range: `bytes=${have}-` }),
  };
  const response = await fetch(url, { headers });
  if (!response.ok)
    throw new HttpError(`${url}: the server answered ${response.status} ${response.statusText}.`, response.status);
  // a server that does not know ranges sends the file from its start
  if (response.status !== 206) received(-have);
  const fd = openSync(unfinished, response.status === 206 ? "a" : "w");
  try {
    for await (const piece of response.body!) {
      writeSync(fd, piece);
      received(piece.length);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** Downloads one blob, resuming where an earlier attempt or run stopped; it gets its name only when it is whole. */
async function fetchBlob(
  url: string,
  file: RemoteFile,
  blob: string,
  options: DownloadOptions,
  received: (bytes: number) => void,
): Promise<void> {
  const unfinished = `${blob}.incomplete`;
  received(sizeOf(unfinished));
  const missing = () => !existsSync(unfinished) || sizeOf(unfinished) < file.size;
  for (let attempt = 1; missing(); attempt++) {
    try {
      await fetchRest(url, unfinished, options, received);
    } catch (error) {
      const refused = error instanceof HttpError && error.status < 500;
      if (refused || attempt === attempts) throw error;
    }
    if (attempt === attempts && missing()) throw new Error(`${url}: the connection ended early ${attempts} times`);
  }
  const whole = sizeOf(unfinished) === file.size && (!file.large || (await sha256(unfinished)) === file.etag);
  if (!whole) {
    rmSync(unfinished, { force: true });
    throw new Error(`${url}: what arrived is not the file (size or sha256 differ); it was removed`);
  }
  renameSync(unfinished, blob);
}

/** Downloads what interlingua needs of a model into the cache; the reference is written last, when all is there. Returns the snapshot folder. */
export async function downloadModel(id: string, revision: string, options: DownloadOptions): Promise<string> {
  const { commit, files } = await describe(id, revision, options);
  const folder = repositoryFolder(id);
  const snapshot = join(folder, "snapshots", commit);
  mkdirSync(join(folder, "blobs"), { recursive: true });
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const received = (bytes: number) => {
    done += bytes;
    options.progress?.(done, total);
  };
  for (const file of files) {
    const blob = join(folder, "blobs", file.etag);
    if (existsSync(blob)) received(file.size);
    else await fetchBlob(`${options.endpoint}/${id}/resolve/${commit}/${file.path}`, file, blob, options, received);
    const pointer = join(snapshot, file.path);
    mkdirSync(dirname(pointer), { recursive: true });
    if (!existsSync(pointer)) symlinkSync(relative(dirname(pointer), blob), pointer);
  }
  if (revision !== commit) {
    mkdirSync(join(folder, "refs"), { recursive: true });
    writeFileSync(join(folder, "refs", revision), commit);
  }
  return snapshot;
}
