import { addon, type TypedArray } from "./addon.ts";
import { type Dtype, dtypeCode, dtypeOfCode } from "./dtype.ts";

/** The one tensor behind a JavaScript object that may be collected without being disposed. */
interface SafetyNet {
  id: number;
  bytes: number;
}

const collected = new FinalizationRegistry<SafetyNet>((net) => release(net));

function release(net: SafetyNet): void {
  if (net.id < 0) return;
  addon().drop(net.id);
  addon().adjustExternalMemory(-net.bytes);
  net.id = -1;
}

/** Tensors made in the innermost open scope; undefined outside any scope. */
let open: Tensor[] | undefined;

/**
 * A libtorch tensor. Made inside a `scope`, it lives until the scope ends; made outside, until it is disposed or
 * collected. Shapes are row-major.
 */
export class Tensor {
  /** Handle number of the addon; −1 after dispose. */
  id: number;
  #shape: readonly number[] | undefined;
  #net: SafetyNet | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get shape(): readonly number[] {
    this.#shape ??= Object.freeze(addon().shape(this.id));
    return this.#shape;
  }

  /** Size along `dimension`; negative counts from the end. */
  size(dimension: number): number {
    const size = this.shape.at(dimension);
    if (size === undefined) throw new RangeError(`size(${dimension}): the tensor is [${this.shape.join(" ")}].`);
    return size;
  }

  get dtype(): Dtype {
    return dtypeOfCode(addon().dtype(this.id));
  }

  /** "cpu", "cuda:0" … */
  get device(): string {
    return addon().device(this.id);
  }

  /** A flat row-major copy; float16 and bfloat16 arrive as Float32Array, int64 as BigInt64Array, bool as Uint8Array. */
  toArray(): TypedArray {
    return addon().toTypedArray(this.id);
  }

  /** The same as a Float32Array, whatever the type. */
  toFloats(): Float32Array {
    const data = this.toArray();
    return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
  }

  /** The value of a tensor with one element. */
  item(): number {
    return addon().item(this.id);
  }

  get requiresGrad(): boolean {
    return addon().requiresGrad(this.id);
  }

  set requiresGrad(value: boolean) {
    addon().setRequiresGrad(this.id, value);
  }

  /** The accumulated gradient, or undefined before any backward pass reached this tensor. */
  get grad(): Tensor | undefined {
    const id = addon().grad(this.id);
    return id < 0 ? undefined : adopt(new Tensor(id));
  }

  set grad(value: Tensor | undefined) {
    addon().setGrad(this.id, value === undefined ? -1 : value.id);
  }

  /** Adds d this / d p to `.grad` of every tensor p that requires it; `gradient` defaults to 1 for a single element. */
  backward(gradient?: Tensor): void {
    addon().backward([this.id], gradient === undefined ? [] : [gradient.id], false);
  }

  /** A second handle to the same tensor that no scope owns; dispose it, or leave it to the collector. */
  retain(): Tensor {
    return catchWhenCollected(new Tensor(addon().alias(this.id)));
  }

  /** Frees the handle; memory goes when no other tensor or gradient graph uses it. Twice is harmless. */
  dispose(): void {
    if (this.id < 0) return;
    if (this.#net !== undefined) release(this.#net);
    else addon().drop(this.id);
    this.id = -1;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** For the lifetime functions of this file only. */
  static attachNet(tensor: Tensor): void {
    if (tensor.#net !== undefined) return;
    const net = { id: tensor.id, bytes: addon().bytesOf(tensor.id) };
    tensor.#net = net;
    addon().adjustExternalMemory(net.bytes);
    collected.register(tensor, net);
  }
}

function catchWhenCollected(tensor: Tensor): Tensor {
  Tensor.attachNet(tensor);
  return tensor;
}

/** Gives a new tensor to the innermost scope, or to the collector outside of any. */
function adopt(tensor: Tensor): Tensor {
  if (open !== undefined) open.push(tensor);
  else catchWhenCollected(tensor);
  return tensor;
}

/** Wraps a handle number that the addon returned. */
export const wrap = (id: number): Tensor => adopt(new Tensor(id));

function visit(value: unknown, found: Set<Tensor>): void {
  if (value instanceof Tensor) found.add(value);
  else if (Array.isArray(value)) for (const element of value) visit(element, found);
  else if (value instanceof Map) for (const element of value.values()) visit(element, found);
  else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    for (const element of Object.values(value)) visit(element, found);
}

/**
 * Runs `body` and frees every tensor made in it, except those in what it returns (a tensor, or arrays, maps and plain
 * objects of tensors), which pass to the enclosing scope. Synchronous only.
 */
export function scope<T>(body: () => T): T {
  const outer = open;
  const mine: Tensor[] = [];
  open = mine;
  const survivors = new Set<Tensor>();
  try {
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => {}); // the refusal below is the error to see
      throw new TypeError(
        "scope: the callback returned a promise. A scope ends before it would settle; make the callback synchronous.",
      );
    }
    visit(result, survivors);
    return result;
  } finally {
    open = outer;
    for (const tensor of mine) {
      if (!survivors.has(tensor)) tensor.dispose();
      else if (tensor.id >= 0) adopt(tensor);
    }
  }
}

type Nested = number | boolean | bigint | readonly Nested[];

function measure(data: Nested): number[] {
  const shape: number[] = [];
  for (let level: Nested | undefined = data; Array.isArray(level); level = level[0] as Nested | undefined)
    shape.push(level.length);
  return shape;
}

function flatten(data: Nested, shape: readonly number[], depth: number, into: number[]): void {
  if (!Array.isArray(data)) {
    if (depth !== shape.length)
      throw new Error(`tensor: expected nested arrays of shape [${shape.join(" ")}], found a shorter branch.`);
    into.push(Number(data));
    return;
  }
  if (data.length !== shape[depth])
    throw new Error(
      `tensor: expected nested arrays of shape [${shape.join(" ")}], found a row of length ${data.length}.`,
    );
  for (const element of data) flatten(element, shape, depth + 1, into);
}

export interface TensorOptions {
  /** default: float32, or the type of a typed array */
  dtype?: Dtype;
  /** default "cpu" */
  device?: string;
  /** shape of a typed array; default one dimension */
  shape?: readonly number[];
}

const arrayDtype = (data: TypedArray): Dtype => {
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Int16Array ? "int16" : "float32";
};

/** A tensor from nested arrays or a flat typed array; the data is copied. */
export function tensor(data: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  const device = options.device ?? "cpu";
  if (ArrayBuffer.isView(data)) {
    const dtype = options.dtype ?? arrayDtype(data);
    return wrap(addon().fromTypedArray(data, options.shape ?? [data.length], dtypeCode(dtype), device));
  }
  const shape = measure(data);
  const flat: number[] = [];
  flatten(data, shape, 0, flat);
  // float64 carries every integer up to 2⁵³ on its way to int64
  return wrap(
    addon().fromTypedArray(
      Float64Array.from(flat),
      options.shape ?? shape,
      dtypeCode(options.dtype ?? "float32"),
      device,
    ),
  );
}
