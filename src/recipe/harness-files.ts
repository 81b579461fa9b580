import { join } from "node:path";
import { type HarnessModel, writeHarnessFiles } from "../eval/harness-format.ts";
import type { EvaluationUnit } from "../eval/units.ts";
import { findTask } from "../tasks/find-task.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Protocol } from "./evaluation-protocol.ts";
import { chatTemplateFacts, type Loaded } from "./loaded-model.ts";
import type { Measured } from "./measure.ts";
import { readPackage } from "./run-record.ts";

/** What was asked for, as far as the files say it. */
export interface HarnessRequest {
  model: string;
  adapter?: string;
  compute: Dtype;
  batchTokens: number;
  tasks: string[];
  data: string;
  limit?: number;
  prompts: PromptSet;
  protocol: Protocol;
  output: string;
}

/** Fields of a unit's items, for sample files. */
async function documentsOf(unit: EvaluationUnit, { tasks, data, protocol, prompts }: HarnessRequest) {
  if (unit.kind === "generation") return new Map();
  const files = tasks.filter((name) => /\.ya?ml$/.test(name));
  const own = await Promise.all(files.map(findTask));
  const task = own.find(({ name }) => name === unit.task) ?? (await findTask(unit.task));
  if (task.kind !== "choice") return new Map();
  const { rows } = await task.rows({ folder: data, language: unit.language, prompts, split: protocol.split });
  return new Map(rows.map(({ id, fields, label }) => [id, { ...fields, label }]));
}

/** Writes the files of lm-evaluation-harness to harness/ of the run folder. → paths of the results files */
export async function harnessFiles(
  options: HarnessRequest,
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
    ...{ started, chatTemplate: template && chatTemplateFacts(template) },
    documents: (unit) => documentsOf(unit, options),
  });
}
