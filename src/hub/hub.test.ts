import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { repositoryFolder } from "./cache.ts";
import { resolveModel } from "./resolve.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const weights = Buffer.alloc(300_000, "weights ");
const config = Buffer.from('{"model_type": "xglm"}');
const template = "additional_chat_templates/tools.jinja";
const sha = (data: Buffer) => createHash("sha256").update(data).digest("hex");

interface Hub {
  requests: string[];
  ranges: string[];
  /** connections to weights that break after so many bytes each */
  cuts: number[];
  /** what the server sends for the weights */
  weights: Buffer;
  token?: string;
}

/** The hub's JSON endpoints for one model, with pickled weights among its files; undefined where a file is asked for. */
function api(hub: Hub, url: string, authorization: string | undefined): { status: number; value: unknown } | undefined {
  if (hub.token !== undefined && authorization !== `Bearer ${hub.token}`)
    return { status: 401, value: { error: "Invalid username or password." } };
  if (url.startsWith("/api/models/org/model/revision/main"))
    return { status: 200, value: { _id: "1", id: "org/model", sha: commit } };
  if (url.startsWith(`/api/models/org/model/tree/${commit}`) && url.includes("recursive=true")) {
    const lfs = { oid: sha(weights), size: weights.length, pointerSize: 130 };
    const value = [
      { type: "file", path: "config.json", size: config.length, oid: "c0ffee" },
      { type: "file", path: "pytorch_model.bin", size: 10, oid: "bad" },
      { type: "directory", path: "sub", size: 0, oid: "dir" },
      { type: "file", path: "sub/config.json", size: config.length, oid: "bad" },
      { type: "file", path: template, size: config.length, oid: "7e3917" },
      { type: "file", path: "model.safetensors", size: 130, oid: "pointer", lfs },
    ];
    return { status: 200, value };
  }
  return url.startsWith(`/org/model/resolve/${commit}/`)
    ? undefined
    : { status: 404, value: { error: "Repository not found" } };
}

function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? "";
  hub.requests.push(url);
  const json = api(hub, url, request.headers.authorization);
  if (json !== undefined)
    response.writeHead(json.status, { "content-type": "application/json" }).end(JSON.stringify(json.value));
  else if (url.endsWith("/config.json") || url.endsWith(template)) response.end(config);
  else sendWeights(hub, request.headers.range, response);
}

function sendWeights(hub: Hub, range: string | undefined, response: ServerResponse): void {
  hub.ranges.push(range ?? "");
  const start = Number(range?.match(/bytes=(\d+)-/)?.[1] ?? 0);
  const rest = hub.weights.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { "content-length": rest.length });
  const cut = hub.cuts.shift();
  if (cut === undefined) response.end(rest);
  else response.write(rest.subarray(0, cut), () => response.destroy());
}

let server: Server | undefined;

async function startHub(change: Partial<Hub> = {}): Promise<Hub> {
  const hub: Hub = { requests: [], ranges: [], cuts: [], weights, ...change };
  server = createServer((request, response) => answer(hub, request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server!.once("listening", resolve));
  vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("HF_HOME", folderWith());
  for (const name of ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  return hub;
}

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  vi.unstubAllEnvs();
});

test("downloads what is needed into Python's cache layout, then needs no network", async () => {
  const hub = await startHub();
  const progress: number[] = [];
  const folder = await resolveModel("org/model", (done, total) => progress.push(done / total));
  expect(folder).toBe(join(repositoryFolder("org/model"), "snapshots", commit));
  expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
  expect(readlinkSync(join(folder, "model.safetensors"))).toBe(`../../blobs/${sha(weights)}`);
  expect(readFileSync(join(folder, template)).equals(config)).toBe(true);
  expect(() => readFileSync(join(folder, "sub/config.json"))).toThrow("ENOENT");
  expect(readFileSync(join(repositoryFolder("org/model"), "refs/main"), "utf8")).toBe(commit);
  expect(hub.requests.some((url) => url.includes("pytorch_model.bin"))).toBe(false);
  expect(progress.at(-1)).toBe(1);
  const asked = hub.requests.length;
  expect(await resolveModel("org/model@main")).toBe(folder);
  expect(hub.requests).toHaveLength(asked);
});

test("asked for twice at once, it is downloaded once", async () => {
  const hub = await startHub();
  const [a, b] = await Promise.all([resolveModel("org/model"), resolveModel("org/model")]);
  expect(a).toBe(b);
  expect(hub.ranges).toEqual([""]);
});

test("a cut connection resumes where it stopped, within a run and in the next", async () => {
  const hub = await startHub({ cuts: [100_000, 50_000] });
  const folder = await resolveModel("org/model");
  expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
  expect(hub.ranges).toHaveLength(3);
  expect(hub.ranges[0]).toBe("");
  for (const range of hub.ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
  // five cuts end the run; what arrived is kept for the next
  rmSync(repositoryFolder("org/model"), { recursive: true });
  Object.assign(hub, { cuts: [10_000, 10_000, 10_000, 10_000, 10_000], ranges: [] });
  await expect(resolveModel("org/model")).rejects.toThrow(/download from the hub failed .* What has arrived is kept/);
  const again = await resolveModel("org/model");
  expect(Number(hub.ranges.at(-1)!.match(/\d+/)![0])).toBeGreaterThanOrEqual(40_000);
  expect(readFileSync(join(again, "model.safetensors")).equals(weights)).toBe(true);
});

test("what does not match its sha256 is never used", async () => {
  await startHub({ weights: Buffer.alloc(weights.length, "other") });
  await expect(resolveModel("org/model")).rejects.toThrow("size or sha256 differ");
  expect(() => readFileSync(join(repositoryFolder("org/model"), "blobs", sha(weights)))).toThrow("ENOENT");
});

test("401 asks for a token; with HF_TOKEN it goes through", async () => {
  await startHub({ token: "hf_secret" });
  await expect(resolveModel("org/model")).rejects.toThrow(/refused access \(401\).*HF_TOKEN/);
  vi.stubEnv("HF_TOKEN", "hf_secret");
  expect(await resolveModel("org/model")).toContain(commit);
});

test("offline: the cache or a clear refusal; a folder is taken as it is; nonsense is told", async () => {
  const hub = await startHub();
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(resolveModel("org/model")).rejects.toThrow("HF_HUB_OFFLINE forbids a download");
  const folder = folderWith();
  expect(await resolveModel(folder)).toBe(folder);
  await expect(resolveModel("./nothing/here")).rejects.toThrow("there is neither");
  // an unfinished snapshot does not count
  const snapshot = join(repositoryFolder("org/model"), "snapshots", commit);
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(repositoryFolder("org/model"), "refs"));
  writeFileSync(join(repositoryFolder("org/model"), "refs/main"), commit);
  writeFileSync(join(snapshot, "config.json"), "{}");
  await expect(resolveModel("org/model")).rejects.toThrow("not in the cache");
  writeFileSync(join(snapshot, "model.safetensors"), "x");
  expect(await resolveModel("org/model")).toBe(snapshot);
  expect(hub.requests).toEqual([]);
});

test("an unknown model", async () => {
  await startHub();
  await expect(resolveModel("org/other")).rejects.toThrow("no such model on the hub");
});
