import type { Model } from "../models/model.ts";
import type { LensRow } from "../run/records.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type LastStatesOptions, lastStates } from "./last-states.ts";
import { layerPredictions } from "./layer-predictions.ts";
import { normalBand } from "./normal-band.ts";
import { shownTokens } from "./shown-token.ts";
import type { Energy } from "./unembedding-energy.ts";

/** How the vocabulary is divided: a class per id, by script and by language. */
export interface TokenClasses {
  scripts: readonly string[];
  languages: readonly string[];
}

/** Beginnings of texts in one language, and the token that really follows each. */
export interface Beginnings {
  language: string;
  rows: readonly Int32Array[];
  next: readonly number[];
}

/** the tokens that are named per layer */
const named = 3;

/** Texts cut in the middle: the model reads the first half and is asked what comes next. */
export function halves(
  language: string,
  encoded: readonly (readonly number[])[],
  prefix: number,
  longest: number,
): Beginnings {
  const long = encoded.filter((ids) => ids.length >= prefix + 4);
  const cut = (ids: readonly number[]) => Math.min(longest, prefix + Math.floor((ids.length - prefix) / 2));
  return {
    language,
    rows: long.map((ids) => Int32Array.from(ids.slice(0, cut(ids)))),
    next: long.map((ids) => ids[cut(ids)]!),
  };
}

/** Membership of ids in classes, [V G] */
function membership(classes: readonly string[], names: readonly string[], device: string): Tensor {
  const flat = new Float32Array(classes.length * names.length);
  for (const [id, name] of classes.entries()) flat[id * names.length + names.indexOf(name)] = 1;
  return tensor(flat, { shape: [classes.length, names.length], device });
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** A list of values per name. */
type Lists = Map<string, number[]>;

function push(lists: Lists, name: string, value: number): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}

/**
 * The logit lens without word lists: after every block, the probability of tokens of each script and of each language, that of the
 * token which really follows, entropy in bits, Wendler's energy, and the tokens that are likeliest on average.
 */
export async function languageMass(
  model: Model,
  tokenizer: Tokenizer,
  { language, rows, next }: Beginnings,
  classes: TokenClasses,
  options: LastStatesOptions & { energy: Energy },
): Promise<LensRow[]> {
  if (rows.length === 0) return [];
  const { vocabulary, layers } = model.config;
  const states = await lastStates(model, rows, options);
  const { energy } = options;
  const names = { script_mass: distinct(classes.scripts), language_mass: distinct(classes.languages) };
  const groups = [
    membership(classes.scripts, names.script_mass, model.device),
    membership(classes.languages, names.language_mass, model.device),
  ].map((each) => each.retain());
  const lists: Lists[] = Array.from({ length: layers + 1 }, () => new Map());
  const sums = Array.from({ length: layers + 1 }, () => ops.zeros([vocabulary], "float32", model.device).retain());
  await layerPredictions(model, states, options, ({ layer, first, states: h, probabilities, entropies }) => {
    ops.addInto(sums[layer]!, ops.sum(probabilities, [0]));
    const masses = groups.map((group) => ops.matmul(probabilities, group).toFloats());
    const wanted = tensor(next.slice(first, first + entropies.length), { dtype: "int64", device: model.device });
    const right = ops.gather(probabilities, 1, ops.unsqueeze(wanted, 1)).toFloats();
    const energies = energy.of(h);
    for (const [i, entropy] of entropies.entries()) {
      const here = lists[layer]!;
      push(here, "next_token", right[i]!);
      push(here, "entropy", entropy);
      push(here, "energy", energies[i]!);
      for (const [g, [metric, members]] of Object.entries(names).entries())
        for (const [m, name] of members.entries()) push(here, `${metric} ${name}`, masses[g]![i * members.length + m]!);
    }
  });
  const tops = await likeliest(tokenizer, sums.slice(1), rows.length);
  for (const each of [...sums, ...groups]) each.dispose();
  states.close();
  return [
    ...lists.flatMap((byName, layer) =>
      [...byName].map(([key, values]) => ({ layer, language, ...classRow(key), ...normalBand(values) })),
    ),
    ...tops.map((row) => ({ ...row, language, metric: "token_mass", n: rows.length })),
  ];
}

/** "script_mass Latn" → its metric and its field. */
function classRow(key: string): Pick<LensRow, "metric" | "script" | "token_language"> {
  const [metric, name] = key.split(" ") as [string, string | undefined];
  if (name === undefined) return { metric };
  return metric === "script_mass" ? { metric, script: name } : { metric, token_language: name };
}

async function likeliest(
  tokenizer: Tokenizer,
  sums: readonly Tensor[],
  items: number,
): Promise<Pick<LensRow, "layer" | "value" | "token">[]> {
  const found: Pick<LensRow, "layer" | "value" | "token">[] = [];
  for (const [i, sum] of sums.entries()) {
    const { values, ids } = scope(() => {
      const [largest, at] = ops.topk(sum, named);
      return { values: largest.toFloats(), ids: Array.from(at.toArray() as BigInt64Array, Number) };
    });
    const tokens = await shownTokens(tokenizer, ids);
    for (const [k, token] of tokens.entries()) found.push({ layer: i + 1, value: values[k]! / items, token });
  }
  return found;
}
