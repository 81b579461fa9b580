import { basename, join } from "node:path";
import { asConversations } from "../eval/conversations.ts";
import { type HarnessModel, writeHarnessFiles } from "../eval/harness-format.ts";
import { setupHash } from "../eval/setup-hash.ts";
import type { EvaluationUnit } from "../eval/units.ts";
import { resolveModel } from "../hub/resolve.ts";
import { loadModel, weightFiles } from "../models/load.ts";
import type { Model } from "../models/model.ts";
import { UsageError } from "../run/errors.ts";
import { openRun, type RunFolder, runFolder } from "../run/folder.ts";
import { lockFolder } from "../run/lock.ts";
import { type ModelIdentity, modelKey, type ResultsFile } from "../run/records.ts";
import { findTask } from "../tasks/find-task.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import { type Dtype, hashSafetensors, setThreads } from "../tensor/index.ts";
import { type ChatTemplate, loadChatTemplate, missingChatTemplate } from "../text/chat-template.ts";
import { loadTokenizer, type Tokenizer } from "../text/tokenizer.ts";
import { type EvaluationData, type Protocol, readEvaluationData, type Shard } from "./evaluation-data.ts";
import { type Measured, measureStage } from "./measure.ts";
import { readPackage } from "./run-record.ts";
import { evaluateSettings } from "./schema.ts";
import type { Watch } from "./watch.ts";

export interface EvaluateOptions {
  model: string;
  adapter?: string;
  device: string;
  compute: Dtype;
  threads?: number;
  /** of the demonstrations; default: the prompt set's own */
  seeds?: number[] | undefined;
  batchTokens: number;
  tasks: string[];
  languages: string[];
  shots: number[];
  data: string;
  limit?: number;
  prompts: PromptSet;
  protocol: Protocol;
  /** run folder */
  output: string;
  shard?: Shard;
  /** also write files as lm-evaluation-harness does, to harness/ of the run folder */
  harness?: boolean;
  /** items to score again alone */
  invarianceCheck?: number;
  applyChatTemplate?: boolean;
  watch: Watch;
}

/** What `eval --json` prints. */
export interface Evaluated extends ResultsFile {
  /** items that could not be answered */
  failed: number;
  /** files in lm-evaluation-harness' format */
  harness?: string[];
}

/** A model ready to be measured. */
export interface Loaded {
  base: string;
  model: Model;
  tokenizer: Tokenizer;
  identity: ModelIdentity;
  template: ChatTemplate | undefined;
}

export async function loadMeasured({
  model: name,
  adapter,
  device,
  applyChatTemplate,
}: Pick<EvaluateOptions, "model" | "adapter" | "device" | "applyChatTemplate">): Promise<Loaded> {
  const base = await resolveModel(name);
  const placement = { device, ...(adapter !== undefined && { adapter }) };
  const template = applyChatTemplate ? await loadChatTemplate(base) : undefined;
  if (applyChatTemplate && template === undefined) throw new UsageError(missingChatTemplate(base));
  const [model, tokenizer] = await Promise.all([loadModel(base, placement), loadTokenizer(base)]);
  const files = [...weightFiles(base), ...(adapter === undefined ? [] : [join(adapter, "adapter_model.safetensors")])];
  const identity: ModelIdentity = { name: basename(adapter ?? name), hash: hashSafetensors(files), stage: 0 };
  return { base, model, tokenizer, identity, template };
}

/** One writer per run folder, or per shard of it. */
function lock(folder: RunFolder, identity: ModelIdentity, shard: Shard | undefined): () => void {
  if (shard === undefined) return openRun(folder);
  return lockFolder(join(folder.path, "eval", modelKey(identity), `.shard-${shard.index}-of-${shard.count}`));
}

/** Fields of a unit's items, for sample files. */
async function documentsOf(unit: EvaluationUnit, { tasks, data, protocol, prompts }: EvaluateOptions) {
  if (unit.kind === "generation") return new Map();
  const files = tasks.filter((name) => /\.ya?ml$/.test(name));
  const own = await Promise.all(files.map(findTask));
  const task = own.find(({ name }) => name === unit.task) ?? (await findTask(unit.task));
  if (task.kind !== "choice") return new Map();
  const { rows } = await task.rows({ folder: data, language: unit.language, prompts, split: protocol.split });
  return new Map(rows.map(({ id, fields, label }) => [id, { ...fields, label }]));
}

async function harnessFiles(
  options: EvaluateOptions,
  loaded: Loaded,
  measured: Measured,
  started: Date,
): Promise<string[]> {
  const { model, tokenizer, identity, template } = loaded;
  const token = (id: number | undefined): [string, string] =>
    id === undefined ? ["None", "None"] : [tokenizer.tokens([id])[0]!, String(id)];
  const described: HarnessModel = {
    ...{ name: options.model, adapter: options.adapter, hash: identity.hash, device: model.device },
    parameters: model.parameters().reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0),
    ...{ dtype: `torch.${options.compute}`, maximumLength: model.config.maximumLength },
    tokens: { pad: token(tokenizer.padId), eos: token(tokenizer.eosId), bos: token(tokenizer.bosId) },
  };
  return writeHarnessFiles(join(options.output, "harness"), measured.units, {
    ...{ model: described, version: readPackage().version, limit: options.limit, batchTokens: options.batchTokens },
    ...{ started, chatTemplate: template && { text: template.path, sha256: template.sha256 } },
    documents: (unit) => documentsOf(unit, options),
  });
}

/** Evaluates one model outside of a study; rows that the run folder has for these very weights are not scored again. */
export async function measuredModel(options: EvaluateOptions): Promise<Evaluated> {
  const started = new Date();
  const { tasks, languages, shots, data, limit, prompts, seeds, adapter, shard, watch } = options;
  const settings = evaluateSettings.parse({
    ...{ tasks, languages, shots, data, prompts },
    ...(seeds !== undefined && { seeds }),
    ...(limit !== undefined && { limit }),
  });
  if (options.threads !== undefined) setThreads(options.threads);
  const { protocol } = options;
  const evaluation: EvaluationData = await readEvaluationData(settings, { protocol, ...(shard && { shard }) });
  const loaded = await loadMeasured(options);
  const { base, model, tokenizer, identity, template } = loaded;
  if (template !== undefined) evaluation.units = await asConversations(evaluation.units, template);
  const folder = runFolder(options.output);
  const close = lock(folder, identity, shard);
  try {
    const measured = await measureStage({
      ...{ model, tokenizer, identity, data: evaluation, settings, folder, watch },
      ...{ compute: options.compute, batchTokens: options.batchTokens },
      setup: setupHash([base, ...(adapter === undefined ? [] : [adapter])]),
      ...(shard && { shard }),
      ...(options.invarianceCheck !== undefined && { invariance: options.invarianceCheck }),
      ...(template && { conversations: true }),
    });
    const harness = options.harness ? await harnessFiles(options, loaded, measured, started) : undefined;
    const { results, checks, failed } = measured;
    return { model: identity, results, checks, failed, ...(harness && { harness }) };
  } finally {
    close();
  }
}
