import { join } from "node:path";
import { asConversations } from "../eval/conversations.ts";
import { setupHash } from "../eval/setup-hash.ts";
import { openRun, type RunFolder, runFolder } from "../run/folder.ts";
import { lockFolder } from "../run/lock.ts";
import { type ModelIdentity, modelKey, type ResultsFile } from "../run/records.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import { type Dtype, setThreads } from "../tensor/index.ts";
import { type EvaluationData, type ReadingOptions, readEvaluationData } from "./evaluation-data.ts";
import type { Protocol } from "./evaluation-protocol.ts";
import { harnessFiles } from "./harness-files.ts";
import { chatTemplateFinding, loadMeasured, type ModelChoice } from "./loaded-model.ts";
import { measureStage } from "./measure.ts";
import { evaluateSettings } from "./schema.ts";
import type { Shard } from "./shard.ts";
import type { Watch } from "./watch.ts";

export interface EvaluateOptions extends ModelChoice {
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
  /** checks whose items are left out of a second figure, and labels by the pivot */
  doubts?: Pick<ReadingOptions, "drop" | "pivotLabels">;
  /** also write files as lm-evaluation-harness does, to harness/ of the run folder */
  harness?: boolean;
  /** items to score again alone */
  invarianceCheck?: number;
  watch: Watch;
}

/** What `eval --json` prints. */
export interface Evaluated extends ResultsFile {
  /** items that could not be answered */
  failed: number;
  /** files in lm-evaluation-harness' format */
  harness?: string[];
}

/** One writer per run folder, or per shard of it. */
function lock(folder: RunFolder, identity: ModelIdentity, shard: Shard | undefined): () => void {
  if (shard === undefined) return openRun(folder);
  return lockFolder(join(folder.path, "eval", modelKey(identity), `.shard-${shard.index}-of-${shard.count}`));
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
  const evaluation: EvaluationData = await readEvaluationData(settings, {
    protocol,
    ...(shard && { shard }),
    ...options.doubts,
  });
  const loaded = await loadMeasured(options);
  const { base, model, tokenizer, identity, template } = loaded;
  if (template !== undefined) {
    evaluation.units = await asConversations(evaluation.units, template);
    evaluation.findings.push(chatTemplateFinding(template));
  }
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
