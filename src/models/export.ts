import { join } from "node:path";
import { type Dtype, hashSafetensors, type Tensor } from "../tensor/index.ts";
import { loadAdapter } from "./adapter.ts";
import { dtypesIn } from "./base-weights.ts";
import {
  compareKept,
  compareWith,
  type Difference,
  type ExportReport,
  judge,
  outputsOf,
  warningsOf,
} from "./export-report.ts";
import { addNoise, arithmeticTolerance, noise, roundingTolerance } from "./export-tolerance.ts";
import { hashModel, loadModel } from "./load.ts";
import { mergeAdapter } from "./merge.ts";
import type { Model } from "./model.ts";
import type { Probe } from "./probe.ts";
import { roundWeights } from "./round-weights.ts";
import { unfinishedFolder, type Written, writeModelFolder, writeText } from "./save.ts";
import { mainDtype } from "./shards.ts";

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

/** Folds the adapter in, in float32, and compares; the outputs of the adapted model stay. */
function adapt(model: Model, adapter: string, { probes, say }: ExportRequest) {
  const before = outputsOf(model, probes);
  const { base: madeFor } = loadAdapter(model, adapter);
  const outputs = outputsOf(model, probes);
  const { relative: effect } = compareKept(outputs, before, probes);
  dispose(before);
  const { layers, modules } = mergeAdapter(model);
  const { relative: merged } = compareWith(outputs, model, probes);
  const whole = modules.length > 0 ? `, ${modules.join(", ")} replaced` : "";
  say?.(`${layers} layers merged in float32${whole}; the adapter says it was made for ${madeFor ?? "no model"}`);
  const weights_sha256 = hashSafetensors([join(adapter, "adapter_model.safetensors")]);
  return { outputs, merged, adapter: { weights_sha256, layers, modules, relative_effect: effect } };
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
  dtypeOf: (parameter: string) => Dtype,
) {
  const { base, shardBytes, probes, say } = request;
  const inMemory = outputsOf(model, probes);
  const written = writeModelFolder(model, folder, base, { dtypeOf, ...(shardBytes !== undefined && { shardBytes }) });
  say?.(`${written.tensors.length} tensors written and read back`);
  model.dispose();
  const exported = await loadModel(folder, { device: "cpu", dtype: "float32" });
  const outputs = outputsOf(exported, probes);
  const { relative: reloaded } = compareKept(inMemory, outputs, probes);
  dispose(inMemory);
  addNoise(exported);
  const sensitivity = compareWith(outputs, exported, probes).relative / noise;
  const { config, bidirectional } = exported;
  exported.dispose();
  const encoder = bidirectional === true;
  return { outputs, reloaded, sensitivity, config, encoder, written: describeWritten(written, folder) };
}

async function writeAndCompare(request: ExportRequest, folder: string): Promise<ExportReport> {
  const { base, dtype, probes } = request;
  const dtypeOf = dtype === undefined ? dtypesIn(base) : () => dtype;
  const model = await loadModel(base, { device: "cpu", dtype: "float32" });
  const adapted = request.adapter === undefined ? undefined : adapt(model, request.adapter, request);
  const outputs = adapted?.outputs ?? outputsOf(model, probes);
  const rounded = roundWeights(model, dtypeOf);
  const exported = await writeAndReload(model, folder, request, dtypeOf);
  const { sensitivity } = exported;
  const { differences, largest, logit, relative } = compareKept(outputs, exported.outputs, probes);
  dispose([...outputs, ...exported.outputs]);
  const arithmetic = arithmeticTolerance(sensitivity, exported.config.width);
  const difference = (of: number): Difference => ({ relative_difference: of, tolerance: arithmetic });
  const report: Omit<ExportReport, "warnings"> = {
    base: { weights_sha256: hashModel(base) },
    encoder: exported.encoder,
    ...(adapted !== undefined && { adapter: { ...adapted.adapter, merge: difference(adapted.merged) } }),
    written: { ...exported.written, tied_head: exported.config.tiedHead, rounded: rounded.length },
    reloaded: difference(exported.reloaded),
    sensitivity,
    probes: differences,
    largest_logit: logit,
    largest_difference: largest,
    relative_difference: relative,
    tolerance: request.tolerance ?? arithmetic + roundingTolerance(sensitivity, rounded),
    tolerance_source: request.tolerance === undefined ? "derived" : "given",
  };
  judge(report);
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
