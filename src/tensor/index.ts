/** The engine's public face: what the rest of interlingua may use of libtorch. */
export { addonRecord } from "./addon.ts";
export {
  autocast,
  autocastDtype,
  backward,
  embedding,
  enableGrad,
  gradEnabled,
  knownGradient,
  noGrad,
} from "./autograd.ts";
export { numbersIn } from "./buckets.ts";
export { alone, type Collectives, collectivesMissing, joinCollectives, type Membership } from "./collectives.ts";
export {
  deviceName,
  type MemoryStatistics,
  memory,
  multipliesHalf,
  resolveDevice,
  setThreads,
  synchronize,
  threads,
  torchVersion,
} from "./device.ts";
export { type Dtype, dtypeBytes } from "./dtype.ts";
export * as ops from "./ops.ts";
export { hashSafetensors, openSafetensors, type SafetensorsFile } from "./safetensors.ts";
export { writeSafetensors } from "./safetensors-write.ts";
export { deriveSeed, manualSeed } from "./seed.ts";
export { scope, Tensor, type TensorOptions, tensor } from "./tensor.ts";
