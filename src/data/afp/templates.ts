import { findLanguage, language } from "../../text/languages.ts";

/**
 * The languages of AFP's protocol as its prompts call them.
 * Source: chongli17/CrossLingualAlignment 744a46e, src/lang_dict.py; those of Bactrian-X and mBART-50.
 */
export const afpLanguages: Readonly<Record<string, string>> = {
  af: "Afrikaans",
  ar: "Arabic",
  az: "Azerbaijani",
  bn: "Bengali",
  cs: "Czech",
  de: "German",
  en: "English",
  es: "Spanish",
  et: "Estonian",
  fa: "Persian",
  fi: "Finnish",
  fr: "French",
  gl: "Galician",
  gu: "Gujarati",
  he: "Hebrew",
  hi: "Hindi",
  hr: "Croatian",
  id: "Indonesian",
  it: "Italian",
  ja: "Japanese",
  ka: "Georgian",
  kk: "Kazakh",
  km: "Khmer",
  ko: "Korean",
  lt: "Lithuanian",
  lv: "Latvian",
  mk: "Macedonian",
  ml: "Malayalam",
  mn: "Mongolian",
  mr: "Marathi",
  my: "Burmese",
  ne: "Nepali",
  nl: "Dutch",
  pl: "Polish",
  ps: "Pashto",
  pt: "Portuguese",
  ro: "Romanian",
  ru: "Russian",
  si: "Sinhala",
  sl: "Slovene",
  sv: "Swedish",
  sw: "Swahili",
  ta: "Tamil",
  te: "Telugu",
  th: "Thai",
  tl: "Tagalog",
  tr: "Turkish",
  uk: "Ukrainian",
  ur: "Urdu",
  vi: "Vietnamese",
  xh: "Xhosa",
  zh: "Chinese",
};

/** What a language is called in a prompt: as in the protocol, which other languages join by their own names. */
export const nameInPrompt = (code: string): string => afpLanguages[code] ?? language(code).name;

/**
 * The spelling of a language that the official program takes: one of its 52 codes.
 * @throws Error saying which code was meant
 */
export function officialCode(spelling: string): string {
  if (spelling in afpLanguages) return spelling;
  const meant = findLanguage(spelling)?.code;
  const hint = meant !== undefined && meant in afpLanguages ? `Did you mean ${meant}?` : "Build without --parity.";
  throw new Error(
    `${spelling}: the official program knows languages by one of 52 codes (${Object.keys(afpLanguages).join(" ")}). ${hint}`,
  );
}

/** What stands before the answer of cross-lingual instruction following. Source: src/generate_sup_data.py, as above. */
export const followingPrompt = (question: string, input: string, answerCode: string): string =>
  `${question}${input === "" ? "" : ` ${input}`} Answer in ${nameInPrompt(answerCode)}: `;

/** What stands before a translation, in two forms. Source: the same. */
export const translationPrompts: readonly ((text: string, targetCode: string) => string)[] = [
  (text, target) => `${text} Translate into ${nameInPrompt(target)}: `,
  (text) => `${text} = `,
];
