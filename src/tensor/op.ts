import { addon } from "./addon.ts";
import { Tensor, wrap } from "./tensor.ts";

/** What an op argument may be: see the op's schema in libtorch. */
export type Argument =
  | Tensor
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly (number | boolean | Tensor | null)[];

function encode(argument: Argument): unknown {
  if (argument instanceof Tensor) return argument.id;
  if (Array.isArray(argument)) return argument.map((element) => (element instanceof Tensor ? element.id : element));
  return argument;
}

/** An op by its name, in libtorch's own namespace unless it says another, with results as the addon gives them. */
export function dispatcher(name: string, overload = ""): (args: readonly Argument[]) => unknown {
  let index = -1;
  return (args) => {
    const native = addon();
    if (index < 0) index = native.findOp(name.includes("::") ? name : `aten::${name}`, overload);
    // the common arities without a spread: an op of four small tensors costs as much as its arguments' copies
    switch (args.length) {
      case 1:
        return native.call(index, encode(args[0]));
      case 2:
        return native.call(index, encode(args[0]), encode(args[1]));
      case 3:
        return native.call(index, encode(args[0]), encode(args[1]), encode(args[2]));
      default:
        return native.call(index, ...args.map(encode));
    }
  };
}

/** An op with one tensor result, by its name and overload in libtorch's dispatcher. */
export function op<A extends readonly Argument[]>(name: string, overload = ""): (...args: A) => Tensor {
  const call = dispatcher(name, overload);
  return (...args) => wrap(call(args) as number);
}

/** An op with several tensor results. */
export function multi<A extends readonly Argument[], R extends readonly Tensor[]>(
  name: string,
  overload = "",
): (...args: A) => R {
  const call = dispatcher(name, overload);
  return (...args) => (call(args) as number[]).map(wrap) as readonly Tensor[] as R;
}

/** An op that changes its arguments in place. */
export function inPlace<A extends readonly Argument[]>(name: string, overload = ""): (...args: A) => void {
  const call = dispatcher(name, overload);
  return (...args) => {
    const result = call(args);
    if (typeof result === "number") addon().drop(result); // the same tensor as the first argument
  };
}

/** An op whose second operand is a tensor or a number. */
export function binary(name: string): (a: Tensor, b: Tensor | number) => Tensor {
  const withTensor = dispatcher(name, "Tensor");
  const withScalar = dispatcher(name, "Scalar");
  return (a, b) => wrap((b instanceof Tensor ? withTensor([a, b]) : withScalar([a, b])) as number);
}
