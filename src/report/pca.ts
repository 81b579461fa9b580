import type { LensRow } from "../run/records.ts";
import type { Language, PcaFrame, PcaSection, Profile } from "./data.ts";
import { distinct, orderPoolings, type StageRows } from "./lens-rows.ts";
import { stages } from "./results.ts";

/** More points than this per picture hide each other and make the file heavy. */
const mostPoints = 720;

/** Coordinates are for the eye: four significant digits halve the file. */
const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Number(value.toPrecision(4));

type Component = "pc1" | "pc2";
const frameKey = (row: LensRow) => `${row.layer}\u0000${row.pooling ?? ""}`;

/** A further field of the PCA lens: which axis an explained variance belongs to. */
const componentOf = (row: LensRow): number | undefined => (row as LensRow & { component?: number }).component;

function frame(rows: LensRow[], stage: PcaFrame["stage"], languages: string[], sentences: number[]): PcaFrame {
  const { layer, pooling = "" } = rows[0]!;
  const coordinates = new Map<string, number>();
  for (const row of rows) coordinates.set(`${row.language}\u0000${row.metric}\u0000${row.sentence}`, row.value);
  const line = (language: string, component: Component): Profile =>
    sentences.map((sentence) => rounded(coordinates.get(`${language}\u0000${component}\u0000${sentence}`)));
  const variance = rows.filter((row) => row.metric === "explained_variance");
  const first = variance.find((row) => componentOf(row) === 1)?.value;
  const second = variance.find((row) => componentOf(row) === 2)?.value;
  return {
    stage,
    pooling,
    layer,
    explained: first === undefined || second === undefined ? null : [rounded(first)!, rounded(second)!],
    points: Object.fromEntries(languages.map((code) => [code, { x: line(code, "pc1"), y: line(code, "pc2") }])),
  };
}

/** An even sample of the sentences, the same for every language, layer and stage. */
function sample(sentences: number[], most: number): number[] {
  if (sentences.length <= most) return sentences;
  return Array.from({ length: most }, (_, i) => sentences[Math.floor((i * sentences.length) / most)]!);
}

/** Sentence coordinates by layer, pooling and stage; absent where the lens was not computed. */
export function pcaSection(
  rows: StageRows,
  languages: Language[],
  trained: { layer: number; pooling: string } | undefined,
): PcaSection | undefined {
  const all = [...rows.before, ...rows.after];
  const present = new Set(all.map((row) => row.language));
  const codes = languages.map(({ code }) => code).filter((code) => present.has(code));
  if (codes.length === 0) return undefined;
  const every = distinct(all.map((row) => row.sentence));
  const sentences = sample(every, Math.max(8, Math.floor(mostPoints / codes.length)));
  const frames = stages.flatMap((stage) => {
    const byFrame = new Map<string, LensRow[]>();
    for (const row of rows[stage]) {
      const ofFrame = byFrame.get(frameKey(row));
      if (ofFrame) ofFrame.push(row);
      else byFrame.set(frameKey(row), [row]);
    }
    return [...byFrame.values()].map((ofFrame) => frame(ofFrame, stage, codes, sentences));
  });
  return {
    layers: distinct(all.map((row) => row.layer)),
    poolings: orderPoolings(distinct(all.map((row) => row.pooling)), trained?.pooling),
    languages: codes,
    sentences,
    total: every.length,
    ...(trained && { trained }),
    frames,
  };
}
