import { pythonRandom } from "../../stats/python-random.ts";
import { language } from "../../text/languages.ts";
import { floatText } from "../python-text.ts";
import type { AfpBuilt } from "./built.ts";
import { cleanRows } from "./clean.ts";
import { itemFiles } from "./items.ts";
import { type OfficialOptions, officialRows } from "./official.ts";
import { officialCode } from "./templates.ts";
import { cleanTranslations, officialTranslations } from "./translation.ts";

export const afpModes = ["bilingual", "crosslingual", "translation"] as const;
export type AfpMode = (typeof afpModes)[number];

export interface AfpOptions {
  mode: AfpMode;
  /** in any spelling, the pivot first; with `parity` the official program's codes */
  languages: readonly string[];
  /** folder of Bactrian-X style JSON per language; for all modes but translation */
  instructions?: string | undefined;
  /** TSV or whatever parallel text is read from; for mode translation */
  translations?: string | undefined;
  /** probability that question and answer are in two languages */
  share: number;
  /** probability that such a row goes to the pivot; of a translation, that it is turned round */
  change: number;
  /** rows per item; default 1 */
  repeat?: number | undefined;
  seed: number | bigint;
  /** files, names and bytes of the official program */
  parity: boolean;
}

/**
 * AFP's training rows (Li et al. 2024): sentence pairs for contrastive learning, each with a text for cross-lingual
 * instruction following or translation.
 * @throws Error where files are absent or not what they should be, or where no row can be made
 */
export function buildAfp(options: AfpOptions): AfpBuilt {
  if (options.parity) return official(options);
  const codes = options.languages.map((spelling) => language(spelling).code);
  const clean = { ...options, codes, repeat: options.repeat ?? 1, seed: Number(options.seed) };
  if (options.mode === "translation") return cleanTranslations(options.translations!, clean);
  return cleanRows(itemFiles(options.instructions!, codes), clean);
}

function official(options: AfpOptions): AfpBuilt {
  const { mode, share, change, repeat, seed } = options;
  const codes = options.languages.map(officialCode);
  const asked: OfficialOptions = { codes, share, change, repeat, random: pythonRandom(seed) };
  const name = officialName(options);
  const about = { pairs: {}, leftOut: [] };
  if (mode === "translation") {
    const { rows, directions, sources } = officialTranslations(options.translations!, asked);
    return { ...about, files: [{ name, rows }], sources, directions, printed: "" };
  }
  const items = itemFiles(options.instructions!, codes);
  const { rows, directions } = officialRows(items, asked);
  const lines = Object.entries(directions).map(([direction, count]) => `${direction}:${count}\n`);
  return {
    ...about,
    files: [{ name, rows }],
    sources: items.sources(),
    directions,
    printed: mode === "crosslingual" ? lines.join("") : "",
  };
}

/** The program's file name, numbers as Python spells them: the built-in repeat is the whole number 1. */
function officialName({ mode, languages, share, change, repeat }: AfpOptions): string {
  const [x, c] = [share, change].map(floatText);
  const r = repeat === undefined ? "1" : floatText(repeat);
  if (mode === "translation") return `AFP.${languages.join("-")}-trans.C${c}.R${r}.json`;
  const changed = mode === "crosslingual" ? `.C${c}` : "";
  return `AFP.${languages.join("_")}.X${x}${changed}.R${r}.json`;
}
