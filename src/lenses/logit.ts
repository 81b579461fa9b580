import type { LensRow } from "../run/records.ts";
import type { Dtype } from "../tensor/index.ts";
import { type LabelledPrompts, labelCurves } from "./label-curves.ts";
import { halves, languageMass } from "./language-mass.ts";
import type { LensProgress } from "./state-lens.ts";
import type { OpenSubject } from "./subject.ts";
import { tokenLanguages } from "./token-languages.ts";
import { tokenScripts } from "./token-script.ts";
import { unembeddingEnergy } from "./unembedding-energy.ts";

export interface LogitOptions {
  batchTokens: number;
  compute: Dtype;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
}

export interface LogitRows {
  rows: LensRow[];
  /** per language, items left out because their label may begin with the same token in English */
  dropped: Record<string, number>;
  /** per language, items left out because their right label begins as another one does */
  alike: Record<string, number>;
}

/** An encoder predicts no next token, so it has no logit lens. */
function checkDecoder({ model, identity }: OpenSubject): void {
  if (model.bidirectional)
    throw new Error(`${identity.name} is an encoder, which predicts no next token; look at it with similarity or pca.`);
}

/** Runs `each` for every language with progress, sharing what depends on the model only. */
async function byLanguage<T extends { language: string }>(
  subject: OpenSubject,
  sets: readonly T[],
  { progress, ...options }: LogitOptions,
  each: (set: T, options: Parameters<typeof labelCurves>[3]) => Promise<void>,
): Promise<void> {
  checkDecoder(subject);
  const energy = unembeddingEnergy(subject.model);
  try {
    for (const set of sets) {
      const bar = progress?.(`logit lens ${set.language}`);
      await each(set, { ...options, energy, ...(bar && { progress: bar.update }) });
      bar?.finish();
    }
  } finally {
    energy.dispose();
  }
}

/** The paper's four curves for prompts whose next word is a label. Qwen's labels count by their first tokens too, as in its code. */
export async function logitCurves(
  subject: OpenSubject,
  sets: readonly LabelledPrompts[],
  options: LogitOptions,
): Promise<LogitRows> {
  const { model, tokenizer } = subject;
  const firstTokens = model.config.family.startsWith("qwen");
  const found: LogitRows = { rows: [], dropped: {}, alike: {} };
  await byLanguage(subject, sets, options, async (set, asked) => {
    const { rows, dropped, alike } = await labelCurves(model, tokenizer, set, { ...asked, firstTokens });
    found.rows.push(...rows);
    if (dropped > 0) found.dropped[set.language] = dropped;
    if (alike > 0) found.alike[set.language] = alike;
  });
  return found;
}

/**
 * The lens without word lists: which scripts and languages the prediction in the middle of a text belongs to. The texts with an even
 * index say which token is of which language; of the others at most `limit` are read.
 */
export async function logitLanguages(
  subject: OpenSubject,
  texts: ReadonlyMap<string, readonly string[]>,
  limit: number,
  options: LogitOptions,
): Promise<LensRow[]> {
  const { model, tokenizer } = subject;
  const prefix = tokenizer.prefixIds.length;
  const counted = new Map<string, number[][]>();
  const sets = [];
  for (const [code, lines] of texts) {
    const ids = (await tokenizer.encodeBatch(lines)).map((each) => each.ids);
    counted.set(
      code,
      ids.filter((_, i) => i % 2 === 0).map((row) => row.slice(prefix)),
    );
    const read = ids.filter((_, i) => i % 2 === 1).slice(0, limit);
    sets.push(halves(code, read, prefix, model.config.maximumLength - 1));
  }
  const classes = {
    scripts: await tokenScripts(tokenizer, model.config.vocabulary),
    languages: tokenLanguages(counted, model.config.vocabulary),
  };
  const rows: LensRow[] = [];
  await byLanguage(subject, sets, options, async (set, asked) => {
    rows.push(...(await languageMass(model, tokenizer, set, classes, asked)));
  });
  return rows;
}
