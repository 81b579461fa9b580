import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Int16Array;

/** The whole native boundary. Tensors travel as handle numbers. */
export interface Addon {
  findOp(name: string, overload: string): number;
  call(op: number, ...args: unknown[]): unknown;
  fromTypedArray(data: TypedArray, shape: readonly number[], dtype: number, device: string): number;
  toTypedArray(id: number): TypedArray;
  rawBytes(id: number): Uint8Array;
  shape(id: number): number[];
  dtype(id: number): number;
  device(id: number): string;
  item(id: number): number;
  alias(id: number): number;
  drop(id: number): void;
  bytesOf(id: number): number;
  adjustExternalMemory(bytes: number): void;
  liveHandles(): number;
  backward(ids: number[], gradients: number[], retainGraph: boolean): void;
  knownGradient(id: number, gradient: number): number;
  embedding(weight: number, ids: number, padding: number): number;
  setRequiresGrad(id: number, value: boolean): void;
  requiresGrad(id: number): boolean;
  grad(id: number): number;
  setGrad(id: number, gradient: number): void;
  setGradEnabled(value: boolean): boolean;
  enterAutocast(device: string, dtype: number): void;
  exitAutocast(device: string): void;
  setAutocastEnabled(device: string, enabled: boolean): void;
  manualSeed(seed: bigint): void;
  setThreads(count: number): void;
  threads(): number;
  torchVersion(): string;
  loadLibrary(path: string): void;
  accelerator(): { type: string; count: number } | null;
  acceleratorMemory(index: number): { allocated: number; peak: number; free: number; total: number };
  synchronize(index: number): void;
}

/** What set-up wrote about the addon it built. */
export interface AddonRecord {
  /** file of the addon, relative to the record */
  file: string;
  torch: { version: string; folder: string; cuda: string | null };
  /** the library of collectives, or why there is none; absent in the record of an older set-up */
  collectives?: { file?: string; backends: string[]; problem?: string };
}

const buildFolder = fileURLToPath(new URL("../../build/", import.meta.url));

/** Absolute path of a file that the record names. */
export const builtFile = (name: string): string => join(buildFolder, name);

/** The record that set-up left, or undefined before set-up. */
export function addonRecord(): AddonRecord | undefined {
  const path = join(buildFolder, "addon.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as AddonRecord) : undefined;
}

function load(): Addon {
  const record = addonRecord();
  if (record === undefined) {
    throw new Error("The tensor engine is not set up: build/addon.json is absent. Run `npm run setup`.");
  }
  try {
    const addon = createRequire(import.meta.url)(builtFile(record.file)) as Addon;
    // without its device library a CUDA build knows no CUDA ops
    const device = join(record.torch.folder, "lib", "libtorch_cuda.so");
    if (existsSync(device)) addon.loadLibrary(device);
    return addon;
  } catch (error) {
    throw new Error(
      `The tensor engine for torch ${record.torch.version} did not load (${(error as Error).message}). Run \`npm run setup\` again.`,
    );
  }
}

let loaded: Addon | undefined;

/** The addon, loaded on first use, so that commands which need no tensors work without it. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}
