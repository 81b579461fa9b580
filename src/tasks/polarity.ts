import { type Published, publishedTask } from "./question-translation.ts";

/** What stands before the label. Source: emotion_eval_2shot_enout.py, as question-translation.ts names it. */
const scaffolds: Published["scaffolds"] = {
  bg: ["Емоция"],
  bn: ["আবেগ"],
  de: ["Emotion"],
  en: ["Emotion"],
  es: ["Emoción"],
  fr: ["Émotion"],
  hi: ["भावना"],
  is: ["Tilfinning"],
  it: ["Emozione"],
  ja: ["感情"],
  ms: ["Emosi"],
  nl: ["Emotie"],
  no: ["Følelse"],
  pl: ["Emocja"],
  ru: ["Эмоция"],
  sl: ["Čustvo"],
  sv: ["Känsla"],
  sw: ["Hisia"],
  th: ["อารมณ์"],
  zh: ["情感"],
};

/** Positive and negative. Source: the same. */
const words: Published["words"] = {
  bg: ["положителен", "отрицателен"],
  bn: ["ইতিবাচক", "নেতিবাচক"],
  de: ["positiv", "negativ"],
  en: ["positive", "negative"],
  es: ["positivo", "negativo"],
  fr: ["positif", "négatif"],
  hi: ["सकारात्मक", "नकारात्मक"],
  is: ["jákvæð", "neikvæð"],
  it: ["positivo", "negativo"],
  ja: ["ポジティブ", "ネガティブ"],
  ms: ["positif", "negatif"],
  nl: ["positief", "negatief"],
  no: ["positivt", "negativ"],
  pl: ["pozytywny", "negatywny"],
  ru: ["позитивный", "отрицательный"],
  sl: ["pozitivno", "negativno"],
  sv: ["positiv", "negativ"],
  sw: ["chanya", "hasi"],
  th: ["เชิงบวก", "เชิงลบ"],
  zh: ["积极", "消极"],
};

/** Polarity of product reviews (Amazon, Zhang et al. 2015) as translated by Zhang et al. 2024, 20 languages, parallel line by line. */
export const polarity = publishedTask({
  name: "polarity",
  fields: ["input"],
  scaffolds,
  words,
  agnostic: ["ox", "horse"],
  files: ["emotion", 500],
  folders: ["polarity", "ap_emotion"],
  script: "emotion_eval_2shot_enout.py",
  shots: 2,
  thai: { appended: "เชิง", words: ["บวก", "ลบ"] },
});
