import { bloom } from "./bloom.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { gemma2 } from "./gemma2.ts";
import { gemma3Text } from "./gemma3-text.ts";
import { gptNeo } from "./gpt-neo.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import type { WeightSource } from "./weights.ts";
import { xglm } from "./xglm.ts";
import { xlmRoberta } from "./xlm-roberta.ts";

/** The supported families by config.json's `model_type`. */
export const families = {
  bloom,
  gemma2,
  gemma3_text: gemma3Text,
  gpt2,
  gpt_neo: gptNeo,
  llama,
  mistral,
  qwen2,
  qwen3,
  xglm,
  "xlm-roberta": xlmRoberta,
} satisfies Record<string, (config: ConfigReader, source: WeightSource, options: FamilyOptions) => Family>;
