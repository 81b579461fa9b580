import { type Published, publishedTask } from "./question-translation.ts";

/** What stands before premise, hypothesis and label. Source: snli_eval_6shot_enout.py, as question-translation.ts names it. */
const scaffolds: Published["scaffolds"] = {
  bg: ["Предпоставка", "Хипотеза", "Отговор"],
  bn: ["ভিত্তি", "হাইপোথিসিস", "উত্তর"],
  de: ["Prämisse", "Hypothese", "Antwort"],
  en: ["Premise", "Hypothesis", "Answer"],
  es: ["Premisa", "Hipótesis", "Respuesta"],
  fr: ["Prémisse", "Hypothèse", "Répondre"],
  hi: ["आधार", "परिकल्पना", "उत्तर"],
  is: ["Forsenda", "Tilgáta", "Svaraðu"],
  it: ["Premessa", "Ipotesi", "Risposta"],
  ja: ["前提", "仮説", "答え"],
  ms: ["Premis", "Hipotesis", "Jawab"],
  nl: ["Premisse", "Hypothese", "Antwoord"],
  no: ["Premiss", "Hypotese", "Svar"],
  pl: ["Przesłanka", "Hipoteza", "Odpowiedź"],
  ru: ["Предпосылка", "Гипотеза", "Отвечать"],
  sl: ["Predpogoj", "Hipoteza", "Odgovori"],
  sv: ["Premiss", "Hypotes", "Svar"],
  sw: ["Nguzo", "Hypothesis", "Jibu"],
  th: ["ฐาน", "สมมติฐาน", "คำตอบ"],
  zh: ["前提", "假设", "答案"],
};

/** Entailment, neutral and contradiction. Source: the same. The released files differ in two languages, which the checks find. */
const words: Published["words"] = {
  bg: ["следствие", "неутрален", "противоречие"],
  bn: ["এনটেইলমেন্ট", "নিরপেক্ষ", "দ্বন্দ্ব"],
  de: ["Konsequenz", "neutral", "Widerspruch"],
  en: ["entailment", "neutral", "contradiction"],
  es: ["vinculación", "neutro", "contradicción"],
  fr: ["implication", "neutre", "contradiction"],
  hi: ["परिणाम", "तटस्थ", "विरोधाभास"],
  is: ["afleiðing", "hlutlaus", "mótsögn"],
  it: ["implicazione", "neutro", "contraddizione"],
  ja: ["含意", "中立", "矛盾"],
  ms: ["entailment", "neutral", "percanggahan"],
  nl: ["gevolg", "neutrale", "tegenspraak"],
  no: ["entailment", "nøytral", "motsigelse"],
  pl: ["majorat", "neutralny", "sprzeczność"],
  ru: ["логическое следствие", "нейтральный", "противоречие"],
  sl: ["vpletenost", "nevtralen", "protislovje"],
  sv: ["medföring", "neutral", "motsägelse"],
  sw: ["kuhusika", "upande wowote", "utata"],
  th: ["การมีส่วนร่วม", "เป็นกลาง", "ความขัดแย้ง"],
  zh: ["蕴含", "中立", "矛盾"],
};

/** Natural language inference (Bowman et al. 2015) as translated by Zhang et al. 2024, 20 languages, parallel line by line. */
export const snli = publishedTask({
  name: "snli",
  fields: ["premise", "hypothesis"],
  scaffolds,
  words,
  files: ["snli", 600],
  folders: ["snli"],
  script: "snli_eval_6shot_enout.py",
  shots: 6,
});
