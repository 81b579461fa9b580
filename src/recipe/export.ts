import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { readConfig } from "../models/config.ts";
import { type ExportReport, exportModel } from "../models/export.ts";
import { languagePerScript, type Probe, probeRows } from "../models/probe.ts";
import { modelSizes } from "../models/sizes.ts";
import type { CardFacts } from "../report/card-data.ts";
import { collectReport } from "../report/collect.ts";
import type { ReportData } from "../report/data.ts";
import { modelCard } from "../report/model-card.ts";
import { UsageError } from "../run/errors.ts";
import { type Dtype, setThreads, torchVersion } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { type ExportSource, findSource, languagesOf } from "./export-source.ts";
import { readPackage } from "./run-record.ts";

export interface ExportOptions {
  /** run folder, Hugging Face folder or hub id */
  source: string;
  /** PEFT adapter of a model that is no run */
  adapter?: string;
  output: string;
  dtype?: Dtype;
  shardBytes?: number;
  tolerance?: number;
  threads?: number;
  /** the command as it was typed, for the model card */
  command: string;
  say: (text: string) => void;
}

/** An export makes a folder and changes none. */
function refuseOutput(output: string, source: ExportSource): void {
  const path = resolve(output);
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new UsageError(`--output ${output}: this folder exists and is not touched. Choose another name.`);
  const inside = [source.folder, source.adapter].find(
    (place) => place && `${path}${sep}`.startsWith(`${resolve(place)}${sep}`),
  );
  if (inside !== undefined) throw new UsageError(`--output ${output}: lies in ${inside}, which is what is exported.`);
}

/** Sentences of the study's languages, or of one language per script; only random ids where there is no tokenizer. */
async function makeProbes({ folder, run }: ExportSource): Promise<Probe[]> {
  const has = ["tokenizer.json", "tokenizer.model"].some((name) => existsSync(join(folder, name)));
  const tokenizer = has ? await loadTokenizer(folder) : undefined;
  const languages = run === undefined ? languagePerScript() : languagesOf(run.record);
  return probeRows(tokenizer, modelSizes(readConfig(folder)).vocabulary, languages);
}

function cardFacts(report: ExportReport, source: ExportSource, options: ExportOptions): CardFacts {
  const { written, probes, adapter } = report;
  const tokens = probes.reduce((sum, probe) => sum + probe.tokens, 0);
  const agreed = probes.reduce((sum, probe) => sum + probe.tokens * probe.top1_agreement, 0);
  const ran = source.run?.record;
  return {
    name: basename(resolve(options.output)),
    base: source.base,
    family: String(readConfig(source.folder).raw.model_type),
    encoder: report.encoder,
    parameters: written.parameters,
    dtype: written.dtype,
    ...(adapter !== undefined && { mergedLayers: adapter.layers }),
    languages: ran === undefined ? [] : languagesOf(ran),
    command: options.command,
    versions: {
      interlingua: readPackage().version,
      torch: torchVersion(),
      node: process.version,
      ...(ran !== undefined && { "trained with interlingua": ran.interlingua }),
    },
    check: {
      probes: probes.length,
      languages: probes.flatMap(({ language }) => language ?? []),
      relativeDifference: report.relative_difference,
      tolerance: report.tolerance,
      agreement: agreed / tokens,
    },
    warnings: report.warnings,
    sha256: written.weights_sha256,
  };
}

/**
 * Exports a run's model, or a model with or without an adapter, as a Hugging Face folder with a model card and the report of its
 * check. Nothing is left where that fails.
 */
export async function exportFolder(options: ExportOptions): Promise<ExportReport> {
  const { output, dtype, shardBytes, tolerance, say } = options;
  if (options.threads !== undefined) setThreads(options.threads);
  const source = await findSource(options.source, options.adapter);
  refuseOutput(output, source);
  const measured: ReportData | undefined = source.run && (await collectReport(source.run.path));
  return exportModel({
    base: source.folder,
    output: resolve(output),
    probes: await makeProbes(source),
    say,
    ...(source.adapter !== undefined && { adapter: source.adapter }),
    ...(dtype !== undefined && { dtype }),
    ...(shardBytes !== undefined && { shardBytes }),
    ...(tolerance !== undefined && { tolerance }),
    texts: (report) => ({ "README.md": modelCard(cardFacts(report, source, options), measured) }),
  });
}
