import "./styles/report.css";
import { drawAccuracy } from "./charts/accuracy.ts";
import { drawBits } from "./charts/bits.ts";
import { drawGap } from "./charts/gap.ts";
import { drawPca } from "./charts/pca.ts";
import { drawSimilarity } from "./charts/similarity.ts";
import { drawTraining } from "./charts/training.ts";
import { type ChartData, readData } from "./data.ts";
import { addCopyButtons, followContents, unfoldForPrint } from "./page.ts";
import { spellMissingGlyphs } from "./spell-missing.ts";

const charts: Record<string, (canvas: HTMLElement, data: ChartData) => void> = {
  accuracy: drawAccuracy,
  gap: drawGap,
  similarity: drawSimilarity,
  pca: drawPca,
  bits: drawBits,
  training: drawTraining,
};

const data = readData();
if (data) {
  document.documentElement.classList.add("scripted");
  for (const figure of document.querySelectorAll<HTMLElement>("[data-figure]")) {
    const canvas = figure.querySelector<HTMLElement>(".canvas");
    if (canvas) charts[figure.dataset.figure!]?.(canvas, data);
  }
}
addCopyButtons();
followContents();
unfoldForPrint();
spellMissingGlyphs();
