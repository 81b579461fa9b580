import { join } from "node:path";
import { type Dtype, hashSafetensors, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import { loadAdapter } from "./adapter.ts";
import { accept, compareAll, type Difference, type ExportReport, outputsOf, warningsOf } from "./export-report.ts";
import { arithmeticTolerance, roundingTolerance } from "./export-tolerance.ts";
import { hashModel, loadModel } from "./load.ts";
import { mergeAdapter } from "./merge.ts";
import type { Model } from "./model.ts";
import { isAdapterName } from "./parameters.ts";
import { largestMagnitude, type Probe } from "./probe.ts";
import { unfinishedFolder, type Written, writeModelFolder, writeText } from "./save.ts";
import { mainDtype, storedDtypes } from "./shards.ts";

export type { ExportReport } from "./export-report.ts";

export interface ExportRequest {
  /** Hugging Face folder */
  base: string;
  /** PEFT adapter to fold in */
  adapter?: string;
  output: string;
  /** type of all weights on disk; by default each keeps the type that it has in `base` */
  dtype?: Dtype;
  /** bytes of one weight file at most; by default the files are divided as the base's */
  shardBytes?: number;
  probes: readonly Probe[];
  /** largest difference of a logit that is accepted, relative to the largest logit; by default what rounding explains */
  tolerance?: number;
  /** further text files of the folder, by name */
  texts?: (report: ExportReport) => Readonly<Record<string, string>>;
  say?: (text: string) => void;
}

const dispose = (tensors: readonly Tensor[]): void => {
  for (const tensor of tensors) tensor.dispose();
};

/** How kept outputs compare with a model's of now, relative to their largest logit. */
function compareWith(kept: readonly Tensor[], model: Model, probes: readonly Probe[]) {
  const now = outputsOf(model, probes);
  const found = compareAll(probes, kept, now);
  dispose(now);
  const logit = Math.max(...kept.map(largestMagnitude));
  return { ...found, logit, relative: found.largest / logit };
}

/** Folds the adapter in, in float32, and compares; the outputs of the adapted model stay. */
function adapt(model: Model, adapter: string, { probes, say }: ExportRequest) {
  const before = outputsOf(model, probes);
  loadAdapter(model, adapter);
  const outputs = outputsOf(model, probes);
  const effect = compareAll(probes, before, outputs).largest / Math.max(...outputs.map(largestMagnitude));
  dispose(before);
  const { layers, modules } = mergeAdapter(model);
  const tolerance = arithmeticTolerance(layers, model.config.width);
  const merge = { relative_difference: compareWith(outputs, model, probes).relative, tolerance };
  say?.(`${layers} layers merged in float32, ${modules.length} modules brought by the adapter`);
  accept("The merged and the adapted model's", merge);
  const weights_sha256 = hashSafetensors([join(adapter, "adapter_model.safetensors")]);
  return { outputs, adapter: { weights_sha256, layers, modules, relative_effect: effect, merge } };
}

/** Gives every weight the value that it will have on disk. Returns the types of the matrices that this changed. */
function roundWeights(model: Model, dtypeOf: (origin: string) => Dtype): Dtype[] {
  const rounded: Dtype[] = [];
  for (const [name, weight] of model.parameters()) {
    const dtype = isAdapterName(name) ? weight.dtype : dtypeOf(name);
    if (dtype === weight.dtype) continue;
    noGrad(() =>
      scope(() => {
        const stored = ops.toDtype(ops.toDtype(weight, dtype), weight.dtype);
        if (ops.all(ops.eq(stored, weight)).item() === 1) return;
        ops.copyInto(weight, stored);
        if (weight.shape.length > 1) rounded.push(dtype);
      }),
    );
  }
  return rounded;
}

function describeWritten(
  { files, tensors, bytes }: Written,
  folder: string,
): Omit<ExportReport["written"], "rounded" | "tied_head"> {
  return {
    weights_sha256: hashModel(folder),
    files,
    tensors: tensors.length,
    parameters: tensors.reduce((total, { shape }) => total + shape.reduce((product, n) => product * n, 1), 0),
    bytes,
    dtype: mainDtype(tensors),
  };
}

/** Writes the folder of a model whose weights are rounded already, loads it again and compares with the outputs in memory. */
async function writeAndReload(
  model: Model,
  folder: string,
  request: ExportRequest,
  dtypeOf: (origin: string) => Dtype,
) {
  const { base, shardBytes, probes, say } = request;
  const outputs = outputsOf(model, probes);
  const written = writeModelFolder(model, folder, base, { dtypeOf, ...(shardBytes !== undefined && { shardBytes }) });
  say?.(`${written.tensors.length} tensors written and read back`);
  const { width, layers, tiedHead } = model.config;
  model.dispose();
  const exported = await loadModel(folder, { device: "cpu", dtype: "float32" });
  const { relative } = compareWith(outputs, exported, probes);
  dispose(outputs);
  const reloaded: Difference = { relative_difference: relative, tolerance: arithmeticTolerance(layers, width) };
  accept("The exported folder's and the rounded model's", reloaded);
  return { exported, reloaded, written: { ...describeWritten(written, folder), tied_head: tiedHead } };
}

async function writeAndCompare(request: ExportRequest, folder: string): Promise<ExportReport> {
  const { base, dtype, probes } = request;
  const dtypeOf = dtype === undefined ? storedDtypes(base) : () => dtype;
  const model = await loadModel(base, { device: "cpu", dtype: "float32" });
  const { outputs, adapter } =
    request.adapter === undefined
      ? { outputs: outputsOf(model, probes), adapter: undefined }
      : adapt(model, request.adapter, request);
  const rounded = roundWeights(model, dtypeOf);
  const { width } = model.config;
  const { exported, reloaded, written } = await writeAndReload(model, folder, request, dtypeOf);
  const { differences, largest, logit, relative } = compareWith(outputs, exported, probes);
  exported.dispose();
  dispose(outputs);
  const derived = arithmeticTolerance(adapter?.layers ?? 0, width) + roundingTolerance(rounded);
  const report: Omit<ExportReport, "warnings"> = {
    base: { weights_sha256: hashModel(base) },
    ...(adapter !== undefined && { adapter }),
    written: { ...written, rounded: rounded.length },
    reloaded,
    probes: differences,
    largest_logit: logit,
    largest_difference: largest,
    relative_difference: relative,
    tolerance: request.tolerance ?? derived,
    tolerance_source: request.tolerance === undefined ? "derived" : "given",
  };
  accept("The exported and the original model's", report);
  return { ...report, warnings: warningsOf(report) };
}

/**
 * Writes a Hugging Face folder: the adapter folded in in float32, each weight rounded once to its type on disk, the base's other
 * files carried along. It is loaded again and compared on the probes with the model in memory, the adapter still active, before
 * it gets its name; above the tolerance nothing stays. export_report.json in it says what was found.
 */
export async function exportModel(request: ExportRequest): Promise<ExportReport> {
  const place = unfinishedFolder(request.output);
  try {
    const report = await writeAndCompare(request, place.path);
    writeText(join(place.path, "export_report.json"), `${JSON.stringify(report, null, 2)}\n`);
    for (const [name, text] of Object.entries(request.texts?.(report) ?? {})) writeText(join(place.path, name), text);
    place.finish();
    return report;
  } catch (error) {
    place.drop();
    throw error;
  }
}
