import type { RunFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import type { StepRecord } from "../run/records.ts";
import type { Curve, Profile, TrainingSection } from "./data.ts";
import { sentenceCase } from "./format.ts";

/** More points than this are narrower than a pixel. */
const mostPoints = 600;

const rounded = (value: number) => Number(value.toPrecision(5));

/** Means over consecutive groups of `every` steps; null where no step of a group has the figure. */
function averaged(records: StepRecord[], every: number, read: (record: StepRecord) => number | undefined): Profile {
  const profile: Profile = [];
  for (let start = 0; start < records.length; start += every) {
    const values = records
      .slice(start, start + every)
      .map(read)
      .filter((value) => value !== undefined && Number.isFinite(value)) as number[];
    profile.push(values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length));
  }
  return profile;
}

/** Metrics that say how training went; counts of rows and tokens do not. */
const tellingMetrics: Record<string, string> = {
  accuracy: "In-batch retrieval",
  retrieval_accuracy: "In-batch retrieval",
  token_accuracy: "Token accuracy",
};

interface Reading extends Omit<Curve, "value"> {
  read: (record: StepRecord) => number | undefined;
}

function readings(records: StepRecord[]): Reading[] {
  const parts = new Set(records.flatMap((record) => Object.keys(record.parts ?? {})));
  const metrics = new Map<string, Reading>();
  for (const record of records) {
    for (const [objective, figures] of Object.entries(record.metrics ?? {})) {
      for (const metric of Object.keys(figures)) {
        const title = tellingMetrics[metric];
        if (!title) continue;
        const name = `${objective}.${metric}`;
        const read = (row: StepRecord) => row.metrics?.[objective]?.[metric];
        metrics.set(name, { name, title, unit: "share", kind: "metric", read });
      }
    }
  }
  return [
    { name: "loss", title: "Loss, weighted sum", unit: "nats", kind: "loss", read: (row) => row.loss },
    ...[...parts].map(
      (part): Reading => ({
        name: part,
        title: `${sentenceCase(part)} loss`,
        unit: "nats",
        kind: "part",
        read: (row) => row.parts?.[part],
      }),
    ),
    ...metrics.values(),
    { name: "lr", title: "Learning rate", unit: "", kind: "optimizer", read: (row) => row.lr },
    { name: "grad_norm", title: "Gradient norm", unit: "", kind: "optimizer", read: (row) => row.grad_norm },
  ];
}

/** Reads log.jsonl into curves of at most 600 points; absent where nothing was trained. */
export function trainingSection(folder: RunFolder): TrainingSection | undefined {
  const records = readLines<StepRecord>(folder.log);
  if (records.length === 0) return undefined;
  const every = Math.ceil(records.length / mostPoints);
  const total = (read: (record: StepRecord) => number) => records.reduce((sum, record) => sum + (read(record) || 0), 0);
  const tokens = total((record) => record.tokens);
  const seconds = total((record) => record.seconds);
  const ends = records.filter((_, index) => (index + 1) % every === 0 || index === records.length - 1);
  return {
    steps: records.at(-1)!.step,
    every,
    tokens,
    seconds,
    tokensPerSecond: seconds > 0 ? tokens / seconds : 0,
    step: ends.map((record) => record.step),
    curves: readings(records).map(({ read, ...curve }) => ({ ...curve, value: averaged(records, every, read) })),
  };
}
