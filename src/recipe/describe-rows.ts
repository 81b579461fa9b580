import type { TrainingPlan } from "./plan.ts";

/** Code points of a sample that are shown. */
const most = 300;

const excerpt = (text: string): string => {
  const points = [...text];
  return points.length > most ? `${points.slice(0, most).join("")}…` : text;
};

/** Rows per language, a line for each use. */
export function describeCounts(counts: TrainingPlan["counts"]): string {
  const uses = [...new Set(counts.map(({ objective }) => objective))];
  const line = (use: string) => {
    const own = counts.filter(({ objective }) => objective === use);
    return `${use}: ${own.map(({ language, rows }) => `${language} ${rows}`).join(", ")}`;
  };
  return uses.map(line).join("\n");
}

/** The first row of every objective; what stands in ⟦ ⟧ is read, not learned. */
export const describeSamples = (samples: TrainingPlan["samples"]): string =>
  samples.map(({ objective, text }) => `${objective}: ${excerpt(text)}`).join("\n\n");
