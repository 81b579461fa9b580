import { language } from "../text/languages.ts";
import type { ResultPlace } from "./accuracy.ts";

/** Task names of lm-evaluation-harness 0.4.13. */
const names: Readonly<Record<string, (code: string) => string>> = {
  xnli: (code) => `xnli_${code}`,
  pawsx: (code) => `paws_${code}`,
  xcopa: (code) => `xcopa_${code}`,
  xstorycloze: (code) => `xstorycloze_${code}`,
  xwinograd: (code) => `xwinograd_${code === "ja" ? "jp" : code}`,
  belebele: (code) => `belebele_${language(code).flores}`,
  mgsm: (code) => `mgsm_direct_${code}`,
  xquad: (code) => `xquad_${code}`,
  "flores-translation": (pair) => `flores_${pair}`,
};

/** Versions that those task files have where it is not 1.0. Source: `metadata.version` of the shipped files. */
const versions: Readonly<Record<string, number>> = { mgsm: 4 };

/** What lm-evaluation-harness calls a task in a language; with prompts that are not its own, these are named behind. */
export function harnessName({ task, language: code, prompts }: ResultPlace): string {
  const own = names[task]?.(code) ?? `${task}_${code}`;
  return prompts.split(" ")[0] === "harness" ? own : `${own}.${prompts.replaceAll(" ", ".")}`;
}

export const harnessVersion = (task: string): number => versions[task] ?? 1;
