/**
 * The ops that interlingua uses, one typed line each. Names and argument order are libtorch's; an argument left out takes
 * the schema's default. A new op needs a line here and no C++.
 */
import { type Dtype, dtypeCode } from "./dtype.ts";
import { binary, inPlace, multi, op } from "./op.ts";
import type { Tensor } from "./tensor.ts";

type T = Tensor;
type Ints = readonly number[];

// arithmetic, elementwise with broadcasting
export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
export const neg = op<[x: T]>("neg");
export const exp = op<[x: T]>("exp");
export const log = op<[x: T]>("log");
export const square = op<[x: T]>("square");
export const clampMin = op<[x: T, minimum: number]>("clamp_min");
export const clamp = op<[x: T, minimum: number, maximum: number]>("clamp");
export const maximum = op<[a: T, b: T]>("maximum");
export const tanh = op<[x: T]>("tanh");
export const silu = op<[x: T]>("silu");
export const rsqrt = op<[x: T]>("rsqrt");
export const gelu = op<[x: T, approximate?: "none" | "tanh"]>("gelu");

// comparison and choice
export const eq = binary("eq");
export const ne = binary("ne");
export const ge = binary("ge");
export const gt = binary("gt");
export const lt = binary("lt");
export const le = binary("le");
export const logicalAnd = op<[a: T, b: T]>("logical_and");
export const logicalOr = op<[a: T, b: T]>("logical_or");
export const logicalNot = op<[x: T]>("logical_not");
export const where = op<[condition: T, a: T, b: T]>("where", "self");
export const maskedFill = op<[x: T, mask: T, value: number]>("masked_fill", "Scalar");
export const all = op<[x: T]>("all");

// reductions
export const sumAll = op<[x: T]>("sum");
export const sum = op<[x: T, dims: Ints, keepdim?: boolean]>("sum", "dim_IntList");
export const mean = op<[x: T, dims: Ints, keepdim?: boolean]>("mean", "dim");
export const maxAll = op<[x: T]>("max");
export const amax = op<[x: T, dims: Ints, keepdim?: boolean]>("amax");
export const cumsum = op<[x: T, dim: number]>("cumsum");
export const argmax = op<[x: T, dim: number, keepdim?: boolean]>("argmax");
export const logsumexp = op<[x: T, dims: Ints, keepdim?: boolean]>("logsumexp");
export const norm = op<[x: T]>("linalg_vector_norm");
export const normAlong = op<[x: T, p: number, dims: Ints, keepdim?: boolean]>("norm", "ScalarOpt_dim");
export const dot = op<[a: T, b: T]>("dot");

// shape: views where libtorch gives views
export const view = op<[x: T, shape: Ints]>("view");
export const viewAs = (x: T, dtype: Dtype): T => viewDtype(x, dtypeCode(dtype));
const viewDtype = op<[x: T, dtype: number]>("view", "dtype");
export const reshape = op<[x: T, shape: Ints]>("reshape");
export const transpose = op<[x: T, a: number, b: number]>("transpose", "int");
export const unsqueeze = op<[x: T, dim: number]>("unsqueeze");
export const expand = op<[x: T, shape: Ints]>("expand");
export const narrow = op<[x: T, dim: number, start: number, length: number]>("narrow");
export const select = op<[x: T, dim: number, index: number]>("select", "int");
export const diagonal = op<[x: T]>("diagonal");
export const contiguous = op<[x: T]>("contiguous");
export const cat = op<[parts: readonly T[], dim?: number]>("cat");
export const stack = op<[parts: readonly T[], dim?: number]>("stack");
export const clone = op<[x: T]>("clone");
export const detach = op<[x: T]>("detach");

// indexing
export const indexSelect = op<[x: T, dim: number, index: T]>("index_select");
export const gather = op<[x: T, dim: number, index: T]>("gather");

export const scatter = op<[x: T, dim: number, index: T, source: T]>("scatter", "src");
export const searchSorted = op<[sorted: T, values: T, int32?: boolean, right?: boolean]>("searchsorted", "Tensor");
export const topk = multi<[x: T, k: number], readonly [values: T, indices: T]>("topk");
export const sort = multi<[x: T, dim?: number, descending?: boolean], readonly [values: T, indices: T]>("sort");

// products and layers
export const mm = op<[a: T, b: T]>("mm");
export const bmm = op<[a: T, b: T]>("bmm");
export const matmul = op<[a: T, b: T]>("matmul");
export const linearOp = op<[x: T, weight: T, bias?: T]>("linear");
export const layerNormOp = op<[x: T, shape: Ints, weight?: T, bias?: T, epsilon?: number]>("layer_norm");
export const softmax = op<[x: T, dim: number]>("softmax", "int");
export const logSoftmax = op<[x: T, dim: number]>("log_softmax", "int");
export const dropoutOp = op<[x: T, probability: number, train: boolean]>("dropout");
export const scaledDotProductAttention =
  op<
    [
      q: T,
      k: T,
      v: T,
      mask?: T | null,
      dropout?: number,
      isCausal?: boolean,
      scale?: number | null,
      groupedHeads?: boolean,
    ]
  >("scaled_dot_product_attention");

// decompositions
export const eigh = multi<[x: T], readonly [values: T, vectors: T]>("linalg_eigh");
export const eigenvalues = op<[x: T]>("linalg_eigvalsh");
export const solve = op<[a: T, b: T]>("linalg_solve");

// creation
const fullOp = op<[shape: Ints, value: number, dtype: number, layout: null, device: string]>("full");
const zerosOp = op<[shape: Ints, dtype: number, layout: null, device: string]>("zeros");
const onesOp = op<[shape: Ints, dtype: number, layout: null, device: string]>("ones");
const emptyOp = op<[shape: Ints, dtype: number, layout: null, device: string]>("empty", "memory_format");
const arangeOp = op<[end: number, dtype: number, layout: null, device: string]>("arange");
const randnOp = op<[shape: Ints, dtype: number, layout: null, device: string]>("randn");
export const zeros = (shape: Ints, dtype: Dtype = "float32", device = "cpu"): T =>
  zerosOp(shape, dtypeCode(dtype), null, device);
export const full = (shape: Ints, value: number, dtype: Dtype = "float32", device = "cpu"): T =>
  fullOp(shape, value, dtypeCode(dtype), null, device);
export const ones = (shape: Ints, dtype: Dtype = "float32", device = "cpu"): T =>
  onesOp(shape, dtypeCode(dtype), null, device);
export const empty = (shape: Ints, dtype: Dtype = "float32", device = "cpu"): T =>
  emptyOp(shape, dtypeCode(dtype), null, device);
export const arange = (end: number, dtype: Dtype = "int64", device = "cpu"): T =>
  arangeOp(end, dtypeCode(dtype), null, device);
/** Standard normal numbers from the device's seeded generator. */
export const randn = (shape: Ints, dtype: Dtype = "float32", device = "cpu"): T =>
  randnOp(shape, dtypeCode(dtype), null, device);
export const zerosLike = op<[x: T]>("zeros_like");

// conversion
const toDtypeOp = op<[x: T, dtype: number]>("to", "dtype");
const toDeviceOp = op<[x: T, device: string, dtype: number]>("to", "device");
export const toDtype = (x: T, dtype: Dtype): T => toDtypeOp(x, dtypeCode(dtype));
export const toDevice = (x: T, device: string, dtype: Dtype = x.dtype): T => toDeviceOp(x, device, dtypeCode(dtype));
const fromFileOp = op<[path: string, shared: boolean, size: number, dtype: number]>("from_file");
/** Maps a file's first `size` bytes: read only as they are touched, private to this process. */
export const fromFile = (path: string, size: number): T => fromFileOp(path, false, size, dtypeCode("uint8"));
/** Maps a file of `size` float32 numbers; what is written is the file's, and seen by all who map it. */
export const fromSharedFile = (path: string, size: number): T => fromFileOp(path, true, size, dtypeCode("float32"));

// in place
export const copyInto = inPlace<[target: T, source: T]>("copy_");
export const mulInto = inPlace<[target: T, factor: T]>("mul_", "Tensor");
export const addInto = inPlace<[target: T, other: T]>("add_", "Tensor");
export const subInto = inPlace<[target: T, other: T]>("sub_", "Tensor");
export const divInto = inPlace<[target: T, divisor: T]>("div_", "Tensor");
export const addScalarInto = inPlace<[target: T, value: number]>("add_", "Scalar");
export const mmInto = inPlace<[a: T, b: T, target: T]>("mm", "out");
export const addmmInto = inPlace<[target: T, a: T, b: T]>("addmm_");
export const expInto = inPlace<[target: T]>("exp_");
export const scatterAddInto = inPlace<[target: T, dim: number, index: T, source: T]>("scatter_add_");
export const uniformInto = inPlace<[target: T, from: number, to: number]>("uniform_");
export const normalInto = inPlace<[target: T, mean: number, deviation: number]>("normal_");
export const fusedAdamWInto =
  inPlace<
    [
      parameters: readonly T[],
      gradients: readonly T[],
      firstMoments: readonly T[],
      secondMoments: readonly T[],
      maximumSecondMoments: readonly T[],
      steps: readonly T[],
      learningRate: number,
      beta1: number,
      beta2: number,
      weightDecay: number,
      epsilon: number,
      amsgrad: boolean,
      maximize: boolean,
      gradientScale?: T | undefined,
    ]
  >("_fused_adamw_");
