import type { Model } from "../models/model.ts";
import type { RunFolder } from "../run/folder.ts";
import type { ModelIdentity } from "../run/records.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import type { EvaluateSettings } from "./schema.ts";
import type { Shard } from "./shard.ts";
import type { Watch } from "./watch.ts";

/** What is measured, on which weights, and how. */
export interface Measurement {
  model: Model;
  tokenizer: Tokenizer;
  identity: ModelIdentity;
  data: EvaluationData;
  settings: Pick<EvaluateSettings, "prompts" | "lenses" | "poolings" | "draws" | "pca_sentences">;
  compute: Dtype;
  batchTokens: number;
  folder: RunFolder;
  watch: Watch;
  /** fingerprint of what decides an answer beside weights and question (setup-hash.ts) */
  setup?: string;
  /** of several processes that write into one folder */
  shard?: Shard;
  /** items to score again alone */
  invariance?: number;
  /** whether prompts are rendered conversations */
  conversations?: boolean;
}

/** Fingerprint of what decides an answer beside weights and question, rendered prompts being other prompts. */
export const setupOf = ({ setup = "", conversations }: Measurement): string =>
  conversations ? `${setup} chat` : setup;
