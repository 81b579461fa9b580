/** The library's public face: see README, "As a library". */

export type { ModelConfig, Tokens } from "./models/family.ts";
export { generate, streamTokens } from "./models/generate/generate.ts";
export type { GenerateOptions } from "./models/generate/options.ts";
export { type LoadOptions, loadModel } from "./models/load.ts";
export { languageModelLoss } from "./models/loss.ts";
export { hiddenStates, type Model } from "./models/model.ts";
export {
  autocast,
  backward,
  type Dtype,
  manualSeed,
  memory,
  noGrad,
  openSafetensors,
  ops,
  scope,
  setThreads,
  Tensor,
  type TensorOptions,
  tensor,
  writeSafetensors,
} from "./tensor/index.ts";
export { type ChatTemplate, encodeChats, loadChatTemplate } from "./text/chat-template.ts";
export { type Encoded, loadTokenizer, type Tokenizer } from "./text/tokenizer.ts";
