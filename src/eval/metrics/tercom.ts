import { words } from "./words.ts";

export interface TercomOptions {
  /** part punctuation from words and undo XML escapes */
  normalized?: boolean;
  /** leave punctuation out */
  noPunctuation?: boolean;
  /** with `normalized`: part CJK characters; with `noPunctuation`: leave out CJK punctuation too */
  asianSupport?: boolean;
  caseSensitive?: boolean;
}

const asianPunctuation = /[\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb]/gu;
const fullWidthPunctuation = /[\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09]/gu;

function normalize(text: string): string {
  const plain = text
    .replaceAll("\n-", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/gu, " $& ")
    .replaceAll("'s ", " 's ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/gu, "$1 $2 ");
}

/**
 * Sets CJK characters apart. The third range is Tercom's, which reaches far over the enclosed letters that it names; its
 * rules for kana need a line of nothing else without spaces around it, which never comes here.
 */
function partAsian(text: string): string {
  return text
    .replace(/[\u4e00-\u9fff\u3400-\u4dbf]/gu, " $& ")
    .replace(/[\u31c0-\u31ef\u2e80-\u2eff]/gu, " $& ")
    .replace(/[\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f]/gu, " $& ")
    .replace(/[\u3200-\u3f22]/gu, " $& ")
    .replace(asianPunctuation, " $& ")
    .replace(fullWidthPunctuation, " $& ");
}

/** Words of a line for TER, as Tercom's normaliser gives them. */
export function tercomWords(line: string, options: TercomOptions): string[] {
  let text = options.caseSensitive ? line : line.toLowerCase();
  if (options.normalized) {
    text = normalize(text);
    if (options.asianSupport) text = partAsian(text);
  }
  if (options.noPunctuation) {
    text = text.replace(/[.,?:;!"()]/g, "");
    if (options.asianSupport) text = text.replace(asianPunctuation, "").replace(fullWidthPunctuation, "");
  }
  return words(text);
}
