import type { RunFolder } from "../run/folder.ts";
import { openLines } from "../run/lines.ts";
import type { StepRecord } from "../run/records.ts";
import { openTensorBoard } from "../run/tensorboard.ts";

/** Where a training run's step records go. */
export interface TrainingLog {
  append(record: StepRecord): void;
  /** a record in a line */
  note(record: StepRecord): string;
  close(): void;
}

/** TensorBoard's tags: those of Hugging Face's Trainer, then each objective's own figures. */
function scalars({
  loss,
  lr,
  grad_norm,
  tokens_per_second,
  parts,
  metrics,
  gradients,
}: StepRecord): Record<string, number> {
  const named = (prefix: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value] as const);
  return Object.fromEntries([
    ...named("train/", { loss, learning_rate: lr, grad_norm, tokens_per_second }),
    ...named("train/loss_", parts),
    ...Object.entries(metrics).flatMap(([objective, own]) => named(`${objective}/`, own)),
    ...named("gradients/norm_", gradients?.norms ?? {}),
    ...named("gradients/cosine_", gradients?.cosines ?? {}),
  ]);
}

/** Opens log.jsonl, cut to the step that the run resumes from, and a TensorBoard event file. */
export function openTrainingLog(folder: RunFolder, from: number): TrainingLog {
  const lines = openLines<StepRecord>(folder.log, ({ step }) => step <= from);
  const board = openTensorBoard(folder.tensorboard);
  return {
    append(record) {
      lines.append(record);
      lines.sync();
      board.scalars(record.step, scalars(record));
    },
    note({ loss, parts, tokens_per_second }) {
      const named = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(3)}`);
      return `loss ${loss.toFixed(3)} (${named.join(", ")})  ${Math.round(tokens_per_second)} tokens/s`;
    },
    close() {
      lines.close();
      board.close();
    },
  };
}
