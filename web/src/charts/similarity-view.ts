import type { SimilaritySection, SimilaritySeries } from "../data.ts";

export const metricNames: Record<string, string> = {
  retrieval_p1: "Retrieval P@1",
  mexa: "MEXA",
  margin_p1: "Margin",
};

/** Which measure the two similarity charts show; they change together. */
export interface SimilarityView {
  metric: string;
  pooling: string;
  onChange: (() => void)[];
}

export const startView = (section: SimilaritySection): SimilarityView => ({
  metric: section.metrics[0]!,
  pooling: section.quoted.pooling,
  onChange: [],
});

/** The lines that the view asks for, one per pair. */
export const inView = (section: SimilaritySection, view: SimilarityView): SimilaritySeries[] =>
  section.series.filter(({ metric, pooling }) => metric === view.metric && pooling === view.pooling);
