import type { StepRecord } from "../run/records.ts";
import type { DevelopmentRecord } from "./development.ts";

/** What Hugging Face's Trainer writes beside its checkpoints, by the names that people's scripts look for. */
export interface TrainerState {
  best_metric: number | null;
  best_model_checkpoint: string | null;
  /** passes over the data of the objective with the most batches */
  epoch: number;
  eval_steps: number | null;
  global_step: number;
  log_history: Record<string, number>[];
  logging_steps: number;
  max_steps: number;
  num_input_tokens_seen: number;
  num_train_epochs: number;
  save_steps: number;
}

interface Facts {
  records: readonly StepRecord[];
  evaluations: readonly DevelopmentRecord[];
  best: DevelopmentRecord | undefined;
  metric: string;
  maxSteps: number;
  saveSteps: number;
  evalSteps: number | undefined;
  stepsPerEpoch: number;
}

const prefixed = (record: DevelopmentRecord): Record<string, number> =>
  Object.fromEntries(Object.entries(record.metrics).map(([name, value]) => [`eval_${name}`, value]));

/** trainer_state.json of a run, from its log. */
export function trainerState(facts: Facts): TrainerState {
  const { records, evaluations, best, metric, maxSteps, saveSteps, evalSteps, stepsPerEpoch } = facts;
  const epochOf = (step: number) => step / stepsPerEpoch;
  const steps = records.map(({ step, loss, lr, grad_norm }) => ({
    epoch: epochOf(step),
    grad_norm,
    learning_rate: lr,
    loss,
    step,
  }));
  const evaluated = evaluations.map((record) => ({
    ...prefixed(record),
    epoch: epochOf(record.step),
    step: record.step,
  }));
  const last = records.at(-1)?.step ?? 0;
  return {
    best_metric: best?.metrics[metric] ?? null,
    best_model_checkpoint: best === undefined ? null : `checkpoints/step-${String(best.step).padStart(6, "0")}`,
    epoch: epochOf(last),
    eval_steps: evalSteps ?? null,
    global_step: last,
    log_history: [...steps, ...evaluated].sort((a, b) => a.step - b.step),
    logging_steps: 1,
    max_steps: maxSteps,
    num_input_tokens_seen: records.reduce((sum, { tokens }) => sum + tokens, 0),
    num_train_epochs: Math.ceil(epochOf(maxSteps)),
    save_steps: saveSteps,
  };
}
