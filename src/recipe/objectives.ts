import { batchStream } from "../data/batches.ts";
import type { EncodedPair, EncodedPrompt } from "../data/encode.ts";
import { ignoredLabel, padRows, type TokenBatch } from "../data/token-batch.ts";
import { contrastive } from "../objectives/contrastive.ts";
import { languageModel } from "../objectives/language-model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { Recipe } from "./schema.ts";

/** Token rows of everything that a recipe trains on. */
export interface TrainingRows {
  pairs: EncodedPair[];
  instructions: EncodedPrompt[];
  translations: EncodedPrompt[];
  text: Int32Array[];
}

type TrainRecipe = NonNullable<Recipe["train"]>;

/** Labels of a row: its ids, except the prompt. */
function labelled({ ids, promptLength }: EncodedPrompt): Int32Array {
  return ids.map((id, t) => (t < promptLength ? ignoredLabel : id));
}

function promptStream(
  rows: readonly EncodedPrompt[],
  seed: number,
  tokens: number,
  padId: number,
): { batch(position: number): TokenBatch } {
  const stream = batchStream({ lengths: rows.map(({ ids }) => ids.length), seed, budget: { tokens } });
  return {
    batch(position) {
      const chosen = [...stream.at(position).rows].map((row) => rows[row]!);
      return padRows(
        chosen.map(({ ids }) => ids),
        padId,
        chosen.map(labelled),
      );
    },
  };
}

/** The objectives of a recipe over its rows; each draws its batches with a seed of its own. */
export function buildObjectives(
  settings: TrainRecipe["objectives"],
  rows: TrainingRows,
  options: { seed: number; padId: number },
): Objective[] {
  const { padId } = options;
  const built: Objective[] = [];
  const seedOf = (index: number) => options.seed * 16 + index;
  if (settings.contrastive !== undefined) {
    const { pairs } = rows;
    const lengths = pairs.map(({ left, right }) => Math.max(left.length, right.length));
    const stream = batchStream({ lengths, seed: seedOf(0), budget: { rows: settings.contrastive.pairs_per_batch } });
    built.push(
      contrastive(settings.contrastive, {
        padId,
        batch: (position) => [...stream.at(position).rows].map((row) => pairs[row]!),
      }),
    );
  }
  if (settings.instruction !== undefined)
    built.push(
      languageModel(
        "instruction",
        settings.instruction,
        promptStream(rows.instructions, seedOf(1), settings.instruction.batch_tokens, padId),
      ),
    );
  if (settings.translation !== undefined)
    built.push(
      languageModel(
        "translation",
        settings.translation,
        promptStream(rows.translations, seedOf(2), settings.translation.batch_tokens, padId),
      ),
    );
  if (settings.text !== undefined) {
    const text = rows.text;
    const stream = batchStream({
      lengths: text.map((ids) => ids.length),
      seed: seedOf(3),
      budget: { tokens: settings.text.batch_tokens },
    });
    built.push(
      languageModel("text", settings.text, {
        batch: (position) =>
          padRows(
            [...stream.at(position).rows].map((row) => text[row]!),
            padId,
          ),
      }),
    );
  }
  return built;
}
