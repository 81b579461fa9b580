import { stringify } from "yaml";
import type { ReportData, TaskSection } from "./data.ts";
import { metricTitle, taskTitle } from "./titles.ts";

/** What a model card says beside the results of the run. */
export interface CardFacts {
  name: string;
  /** the model that it was made from; `hub` where the hub has it */
  base: { name: string; hub?: string; revision?: string; licence?: string };
  family: string;
  encoder: boolean;
  parameters: number;
  dtype: string;
  /** layers that a LoRA update was folded into */
  mergedLayers?: number;
  /** ISO codes */
  languages: readonly string[];
  command: string;
  versions: Readonly<Record<string, string>>;
  /** how the exported folder compares with the model in memory */
  check: {
    probes: number;
    languages: readonly string[];
    relativeDifference: number;
    tolerance: number;
    agreement: number;
  };
  warnings: readonly string[];
  sha256: string;
}

/** Results in the form that the hub reads: one entry per task and language, measured on this model. */
function modelIndex(name: string, sections: readonly TaskSection[]) {
  const results = sections
    .filter(({ primary }) => primary)
    .flatMap((section) =>
      section.rows.flatMap(({ language, after }) =>
        after === undefined
          ? []
          : [
              {
                task: { type: "text-generation", name: section.title },
                dataset: { type: section.task, name: taskTitle(section.task), config: language },
                metrics: [{ type: section.metric, name: metricTitle(section.metric), value: after.value }],
              },
            ],
      ),
    );
  return results.length > 0 ? { "model-index": [{ name, results }] } : {};
}

/** What the hub reads of a card. */
export function frontMatter(facts: CardFacts, report: ReportData | undefined): string {
  const { base, languages, mergedLayers } = facts;
  const tags = ["interlingua", ...(report ? ["cross-lingual-alignment"] : []), ...(mergedLayers ? ["lora"] : [])];
  const head = {
    ...(base.hub !== undefined && { base_model: base.hub }),
    library_name: "transformers",
    pipeline_tag: facts.encoder ? "feature-extraction" : "text-generation",
    ...(base.licence !== undefined && { license: base.licence }),
    ...(languages.length > 0 && { language: languages }),
    tags,
    ...modelIndex(facts.name, report?.tasks ?? []),
  };
  return `---\n${stringify(head).trimEnd()}\n---`;
}
