import { alone, type Collectives, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import { sumEverywhere } from "./distributed.ts";

/** How the objectives' gradients lie to each other at one step. */
export interface GradientRecord {
  /** L2 norm of each objective's own gradient, its weight included */
  norms: Record<string, number>;
  /** cosine between two objectives' gradients, by "a ~ b": near 0 they do not disturb each other, below 0 they quarrel */
  cosines: Record<string, number>;
}

type Gradients = (Tensor | undefined)[];

/**
 * Tells the objectives' gradients apart while they add up in `.grad`: call `after(name)` when one has been added. Keeps a copy
 * per objective until `finish`, which sums them over the processes.
 */
export function gradientLog(
  parameters: readonly Tensor[],
  ranks: Collectives = alone,
): {
  after(name: string): void;
  finish(): GradientRecord;
} {
  const own = new Map<string, Gradients>();

  /** What the earlier objectives have added to parameter `at`. */
  const before = (at: number): Tensor | undefined => {
    const known = [...own.values()].flatMap((gradients) => gradients[at] ?? []);
    return known.length === 0 ? undefined : known.reduce((a, b) => ops.add(a, b));
  };
  const dot = (a: Gradients, b: Gradients): number =>
    a.reduce((sum, gradient, at) => {
      const other = b[at];
      if (gradient === undefined || other === undefined) return sum;
      return sum + scope(() => ops.dot(ops.reshape(gradient, [-1]), ops.reshape(other, [-1])).item());
    }, 0);
  return {
    after(name) {
      const gradients = noGrad(() =>
        parameters.map(({ grad }, at) => {
          if (grad === undefined) return undefined;
          return scope(() => {
            const earlier = before(at);
            return earlier === undefined ? ops.clone(grad) : ops.sub(grad, earlier);
          }).retain();
        }),
      );
      own.set(name, gradients);
    },
    finish: () =>
      noGrad(() => {
        const all = [...own].map(([name, gradients]) => [name, sumEverywhere(ranks, gradients, parameters)] as const);
        const lengths = new Map(all.map(([name, gradients]) => [name, Math.sqrt(dot(gradients, gradients))] as const));
        const pairs = all.flatMap(([a, x], i) => all.slice(i + 1).map(([b, y]) => [a, x, b, y] as const));
        const cosines = pairs.map(([a, x, b, y]) => [`${a} ~ ${b}`, dot(x, y) / (lengths.get(a)! * lengths.get(b)!)]);
        for (const [, gradients] of all) for (const gradient of gradients) gradient?.dispose();
        return { norms: Object.fromEntries(lengths), cosines: Object.fromEntries(cosines) as Record<string, number> };
      }),
  };
}
