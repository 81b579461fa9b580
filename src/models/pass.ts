import type { Pass } from "../nn/index.ts";
import { ops, scope, type Tensor } from "../tensor/index.ts";
import type { Family, ForwardOptions, Tokens } from "./family.ts";

const shapeOf = (x: Tensor): string => `[${x.shape.join(" ")}]`;

function checkMask(ids: Tensor, mask: Tensor): void {
  if (mask.shape.join() !== ids.shape.join())
    throw new Error(`tokens: the mask is ${shapeOf(mask)}, the ids are ${shapeOf(ids)}.`);
  const length = ids.size(1);
  const rightPadded = scope(() => {
    const later = ops.narrow(mask, 1, 1, length - 1);
    return length < 2 || ops.all(ops.le(later, ops.narrow(mask, 1, 0, length - 1))).item() === 1;
  });
  if (!rightPadded) throw new Error("tokens: rows must be padded on the right; the mask has a 1 after a 0.");
}

/** Checks tokens, and finds 1 + the highest position among them and the cached ones. */
function reachOf({ ids, mask, positions }: Tokens, { config }: Family, held: number): number {
  if (ids.shape.length !== 2) throw new Error(`tokens: expected ids of shape [B T], received ${shapeOf(ids)}.`);
  if (mask !== undefined) checkMask(ids, mask);
  if (positions !== undefined && positions.shape.join() !== ids.shape.join())
    throw new Error(`tokens: the positions are ${shapeOf(positions)}, the ids are ${shapeOf(ids)}.`);
  const reach = positions === undefined ? held + ids.size(1) : 1 + scope(() => ops.maxAll(positions).item());
  if (reach > config.maximumLength)
    throw new Error(
      `tokens: rows of ${reach} tokens; this ${config.family} model has ${config.maximumLength} positions. Truncate them.`,
    );
  return reach;
}

/** [B 1 1 T]: an encoder's queries see the real tokens, whichever side they are on. */
function realTokens({ ids, mask }: Tokens): Tensor {
  const [rows, length] = ids.shape as [number, number];
  return scope(() =>
    mask === undefined
      ? ops.ones([1, 1, 1, length], "bool", ids.device)
      : ops.toDtype(ops.view(mask, [rows, 1, 1, length]), "bool"),
  );
}

/** What the blocks of a forward pass over these tokens need to know. Throws on tokens that do not fit the model. */
export function makePass(family: Family, tokens: Tokens, { dropoutSeed, cache }: ForwardOptions): Pass {
  const { positions, keyPositions } = tokens;
  const reach = reachOf(tokens, family, cache?.length ?? 0);
  const visible = tokens.visible ?? (family.bidirectional ? realTokens(tokens) : undefined);
  return {
    training: dropoutSeed !== undefined,
    reach,
    ...(positions !== undefined && { positions, keyPositions: keyPositions ?? positions }),
    ...(visible !== undefined && { visible }),
    ...(cache !== undefined && { cache }),
  };
}
