import { addon } from "./addon.ts";
import { type Dtype, dtypeCode } from "./dtype.ts";
import { type Tensor, wrap } from "./tensor.ts";

function withGradMode<T>(enabled: boolean, body: () => T): T {
  const before = addon().setGradEnabled(enabled);
  try {
    return body();
  } finally {
    addon().setGradEnabled(before);
  }
}

/** Runs `body` without recording gradients. Synchronous only. */
export const noGrad = <T>(body: () => T): T => withGradMode(false, body);

/** Records gradients again inside `noGrad`. Synchronous only. */
export const enableGrad = <T>(body: () => T): T => withGradMode(true, body);

/** Whether operations are being recorded. */
export function gradEnabled(): boolean {
  const enabled = addon().setGradEnabled(false);
  addon().setGradEnabled(enabled);
  return enabled;
}

/** Backpropagates from several tensors at once; `gradients[i]` has the shape of `outputs[i]`. */
export function backward(outputs: readonly Tensor[], gradients: readonly Tensor[]): void {
  addon().backward(
    outputs.map(({ id }) => id),
    gradients.map(({ id }) => id),
    false,
  );
}

/**
 * 0, whose gradient with respect to x is `gradient` (shaped as x) times what arrives there. The gradient is changed in place and
 * handed on without a copy, so it must not be used afterwards; it goes backward once. → scalar float32
 */
export const knownGradient = (x: Tensor, gradient: Tensor): Tensor => wrap(addon().knownGradient(x.id, gradient.id));

/**
 * Rows of a weight [V D] by their places [… ] int64 → [… D]. Going backward, a weight on the CPU that has a gradient already gets
 * the rows' gradients added in place, none of `padding`.
 */
export const embedding = (weight: Tensor, ids: Tensor, padding = -1): Tensor =>
  wrap(addon().embedding(weight.id, ids.id, padding));

let castTo: Dtype | undefined;

/** The type of the innermost `autocast`, for code that chooses its own casts. */
export const autocastDtype = (): Dtype | undefined => castTo;

/** Suspends an enclosing autocast, if there is one. */
function inFullPrecision<T>(device: string, body: () => T): T {
  const outer = castTo;
  if (outer === undefined) return body();
  castTo = undefined;
  addon().setAutocastEnabled(device, false);
  try {
    return body();
  } finally {
    addon().setAutocastEnabled(device, true);
    castTo = outer;
  }
}

/**
 * Runs `body` with libtorch's autocast: products in `dtype`, reductions in float32. With float32, products stay as they are,
 * also inside another autocast. Weights are cast once per outermost call. Synchronous only.
 */
export function autocast<T>(device: string, dtype: Dtype, body: () => T): T {
  const type = device.split(":")[0]!;
  if (dtype === "float32") return inFullPrecision(type, body);
  const outer = castTo;
  castTo = dtype;
  addon().enterAutocast(type, dtypeCode(dtype));
  try {
    return body();
  } finally {
    addon().exitAutocast(type);
    castTo = outer;
  }
}
