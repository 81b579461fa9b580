import { type Published, publishedTask } from "./question-translation.ts";

/** What stands before the sentences and the label. Source: paws_eval_4shot_enout.py, as question-translation.ts names it. */
const scaffolds: Published["scaffolds"] = {
  bg: ["Изречение 1", "Изречение 2", "Отговор"],
  bn: ["বাক্য 1", "বাক্য 2", "উত্তর"],
  de: ["Satz 1", "Satz 2", "Antwort"],
  en: ["Sentence 1", "Sentence 2", "Answer"],
  es: ["Sentencia 1", "Sentencia 2", "Respuesta"],
  fr: ["Phrase 1", "Phrase 2", "Répondre"],
  hi: ["वाक्य 1", "वाक्य 2", "उत्तर"],
  is: ["Setning 1", "Setning 2", "Svaraðu"],
  it: ["Frase 1", "Frase 2", "Risposta"],
  ja: ["文 1", "文 2", "答え"],
  ms: ["Ayat 1", "Ayat 2", "Jawab"],
  nl: ["Zin 1", "Zin 2", "Antwoord"],
  no: ["Setning 1", "Setning 2", "Svar"],
  pl: ["Zdanie 1", "Zdanie 2", "Odpowiedź"],
  ru: ["Приговор 1", "Приговор 2", "Ответить"],
  sl: ["Stavek 1", "Stavek 2", "Odgovori"],
  sv: ["Mening 1", "Mening 2", "Svar"],
  sw: ["Sentensi 1", "Sentensi 2", "Jibu"],
  th: ["ประโยค 1", "ประโยค 2", "คำตอบ"],
  zh: ["句子 1", "句子 2", "答案"],
};

/**
 * PAWS (Zhang et al. 2019) as translated by Zhang et al. 2024, 20 languages, parallel line by line; not PAWS-X. Labels are
 * English words in every file, and the paper has no others.
 */
export const paws = publishedTask({
  name: "paws",
  fields: ["sentence1", "sentence2"],
  scaffolds,
  words: { en: ["same", "different"] },
  files: ["paws", 500],
  folders: ["paws"],
  script: "paws_eval_4shot_enout.py",
  shots: 4,
});
