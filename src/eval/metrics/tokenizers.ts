import { UsageError } from "../../run/errors.ts";
import { withoutEnd, withoutEnds, withoutSpaces, words } from "./words.ts";

/** Splits a line for BLEU: returns words. */
type Tokenizer = (line: string) => string[];

/** Rules of mteval-v13a for punctuation between ASCII characters, shared with the Chinese tokenizer. */
function western(line: string): string[] {
  return words(
    line
      .replace(/[{-~[-` -&(-+:-@/]/gu, " $& ")
      .replace(/([^0-9])([.,])/gu, "$1 $2 ")
      .replace(/([.,])([^0-9])/gu, " $1 $2")
      .replace(/([0-9])(-)/gu, "$1 $2 "),
  );
}

function mteval13a(line: string): string[] {
  const joined = line.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  const plain = joined
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return western(` ${plain} `);
}

/**
 * Characters that sacrebleu's Chinese tokenizer sets apart. The first range is what its two ranges of the supplementary
 * planes come to: they are written with four hex digits too few, so they mean U+2001 to U+2A6D.
 */
const chinese =
  /[\u2001-\u2a6d\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u3200-\u33ff]/gu;

/** Punctuation apart unless between digits, symbols apart: mteval-v14's international rules. */
const international = (line: string): string[] =>
  words(
    line
      .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
      .replace(/(\p{P})(\P{N})/gu, " $1 $2")
      .replace(/\p{S}/gu, " $& "),
  );

/** The tokenizers of BLEU by sacrebleu's names. Source: its documentation and mteval-v13a/v14. */
const tokenizers = {
  "13a": mteval13a,
  zh: (line) => western(withoutEnds(line).replace(chinese, " $& ")),
  intl: international,
  char: (line) => [...withoutSpaces(line)],
  none: words,
} satisfies Record<string, Tokenizer>;

export type TokenizerName = keyof typeof tokenizers;
export const tokenizerNames = Object.keys(tokenizers) as TokenizerName[];

const isTokenizer = (name: string): name is TokenizerName => Object.hasOwn(tokenizers, name);

/** What a tokenizer that is not here would need. */
const refusals: Record<string, string> = {
  "ja-mecab": "needs MeCab with the IPA dictionary",
  "ko-mecab": "needs MeCab-ko with its dictionary",
  spm: "needs sacrebleu's SentencePiece model of FLORES-101",
  flores101: "needs sacrebleu's SentencePiece model of FLORES-101",
  flores200: "needs sacrebleu's SentencePiece model of FLORES-200",
  "spBLEU-1K": "needs the SentencePiece model of spBLEU-1K",
};

/**
 * The name, once it is known to be a tokenizer that is here.
 * @throws UsageError naming those that are, and what one of sacrebleu's others would need
 */
export function tokenizerName(name: string): TokenizerName {
  if (isTokenizer(name)) return name;
  const known = `Here are ${tokenizerNames.join(", ")}.`;
  const reason = refusals[name];
  if (reason === undefined) throw new UsageError(`Tokenizer ${JSON.stringify(name)} is not known. ${known}`);
  throw new UsageError(
    `Tokenizer ${name} ${reason}, which is not part of this program. ${known} ` +
      "To use it anyway, split both files with that model, pieces parted by spaces, and choose none.",
  );
}

/** Words of a line as sacrebleu's BLEU sees them; white space at its end does not count. */
export function tokenize(name: TokenizerName, line: string): string[] {
  return tokenizers[name](withoutEnd(line));
}

/** Languages where 13a would count whole sentences as words, or whose tokenizer in sacrebleu is not here. */
const byCharacter: Record<string, string> = {
  ja: "sacrebleu's ja-mecab needs MeCab, which is not here",
  ko: "sacrebleu's ko-mecab needs MeCab-ko, which is not here",
  th: "Thai has no spaces between words",
  lo: "Lao has no spaces between words",
  km: "Khmer has no spaces between words",
  my: "Burmese has no spaces between words",
};

/** The tokenizer for a language (ISO 639-1): sacrebleu's choice where that is here and makes sense, else characters. */
export function tokenizerFor(language: string): TokenizerName {
  if (language === "zh") return "zh";
  return language in byCharacter ? "char" : "13a";
}

/** Why a language's BLEU does not count words, or undefined where it does. */
export const missingTokenizer = (language: string): string | undefined => byCharacter[language];
