import type { ReportData, SimilaritySection, SimilaritySeries } from "../data.ts";
import { count, percent } from "../format.ts";
import { similarityTitle } from "../headline.ts";
import { lensFigure } from "./lens-figures.ts";
import { html, type Markup } from "./markup.ts";
import { languageCell } from "./measures.ts";
import { encoding, figure, type Section } from "./section.ts";
import { type Column, folded, table } from "./table.ts";

function similarityTable(data: ReportData, section: SimilaritySection, metric: string, pooling: string): Markup {
  const series = section.series.filter((entry) => entry.metric === metric && entry.pooling === pooling);
  const layers = section.layers.map(
    (layer, index): Column<SimilaritySeries> => ({
      title: layer === section.trained?.layer ? html`<strong>${layer}</strong>` : layer,
      cell: ({ before, after }) => {
        const show = (value: number | null | undefined) => percent(value, 1).replace(/\u202f%$/, "");
        if (!before || !after) return show((before ?? after)?.value[index]);
        return html`<span class="was">${show(before.value[index])}</span><br>${show(after.value[index])}`;
      },
    }),
  );
  const name = `${similarityTitle(metric)} in percent by layer, ${pooling} pooling${data.models.before && data.models.after ? ", before above after" : ""}`;
  const columns: Column<SimilaritySeries>[] = [
    { title: "Pair with English", kind: "text", cell: (row) => languageCell(data, row.language) },
    ...layers,
  ];
  return folded(name, table(name, columns, series, "layers"));
}

/** Retrieval and MEXA by layer: how close translations are in the model. */
export function similaritySectionMarkup(data: ReportData): Section {
  const section = data.similarity;
  if (!section) return { id: "similarity", title: "Shared space, layer by layer", short: "Shared space", body: "" };
  const chance = section.n > 0 ? percent(1 / section.n, 2) : undefined;
  const tables = section.metrics.flatMap((metric) =>
    section.poolings.map((pooling) => similarityTable(data, section, metric, pooling)),
  );
  const about = html`<p>For each of ${count(section.n)} sentences the nearest neighbour among all translations is looked up by cosine. Retrieval P@1 is the share that finds its own translation, averaged over both directions${chance && html`; guessing would find ${chance}`}. MEXA asks for more: both sentences of a pair must find each other.</p>`;
  const both = data.models.before && data.models.after;
  const overview = html`Mean of the pairs of each group${both && "; dashed before, solid after"}. Layer 0 is the embedding output.${section.trained && html` The vertical line marks layer ${section.trained.layer}, where the contrastive objective ${data.models.after ? "was" : "is to be"} applied.`}`;
  const pairs = html`The same, pair by pair and on one common scale; the shaded band is the 95 % interval${both && " after alignment"}.`;
  return {
    id: "similarity",
    title: "Shared space, layer by layer",
    short: "Shared space",
    body: html`${about}${encoding(data, ["aligned", "unseen"])}${figure("similarity", overview)}${figure("similarity-pairs", pairs)}${tables}<h3>Merged or collapsed?</h3>${lensFigure(data, "similarity")}`,
  };
}

/** The map of sentence states. */
export function pcaSectionMarkup(data: ReportData): Section {
  const section = data.pca;
  if (!section) return { id: "pca", title: "Map of the sentences", body: "" };
  const shown =
    section.sentences.length < section.total
      ? `${section.sentences.length} of ${count(section.total)} sentences are shown.`
      : "";
  const caption = html`Each mark is one sentence, projected on the two directions of largest variance at that layer; before and after have axes of their own. Where languages form islands the model keeps them apart; where colours mix it shares a space. Point at a mark to see the same sentence in every language, at a language to single it out; a click holds it. ${shown} A projection can hide distance, so trust the retrieval numbers above over the impression.`;
  const columns: Column<{ layer: number; pooling: string }>[] = [
    { title: "Layer", kind: "text", cell: (row) => row.layer },
    { title: "Pooling", kind: "text", cell: (row) => row.pooling },
    ...(["before", "after"] as const).map((stage) => ({
      title: `Variance on two axes, ${stage}`,
      cell: (row: { layer: number; pooling: string }) => {
        const frame = section.frames.find(
          (entry) => entry.stage === stage && entry.layer === row.layer && entry.pooling === row.pooling,
        );
        return frame?.explained ? `${percent(frame.explained[0])} + ${percent(frame.explained[1])}` : "–";
      },
    })),
  ];
  const rows = section.poolings.flatMap((pooling) => section.layers.map((layer) => ({ layer, pooling })));
  return {
    id: "pca",
    title: "Map of the sentences",
    body: html`${figure("pca", caption)}${folded("Explained variance", table("Variance explained by the two axes", columns, rows))}${lensFigure(data, "pca")}`,
  };
}
