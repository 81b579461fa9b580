import { fileURLToPath } from "node:url";
import { integer } from "../src/stats/random.ts";

/** A tokenizer of 75 pieces, of our own making. */
export const tinyTokenizer = fileURLToPath(new URL("./goldens/tokenizer", import.meta.url));

const words = ["the", "a", "cat", "dog", "is", "sleeping", "running", "big", "small", "house"];

const sentence = (...counters: number[]): string =>
  Array.from(
    { length: 4 + integer(6, 5, ...counters) },
    (_, i) => words[integer(words.length, 6, ...counters, i)]!,
  ).join(" ");

const lines = (count: number, kind: number): string[] => Array.from({ length: count }, (_, i) => sentence(kind, i));

/** Files of a small pre-training run: text and its recipe. Paths are relative to the folder that holds them. */
export function pretrainFiles(settings: { steps: number; save: number }): Record<string, string> {
  return {
    "text/en.txt": `${lines(400, 0).join("\n")}\n`,
    "recipe.yaml": `
name: small
seed: 4
threads: 1
model:
  tokenizer: ${tinyTokenizer}
  config: { model_type: xglm, vocab_size: 80, d_model: 48, num_layers: 3, attention_heads: 4, ffn_dim: 96,
            max_position_embeddings: 64, dropout: 0.1, attention_dropout: 0.1, activation_dropout: 0.1,
            bos_token_id: 0, pad_token_id: 1, eos_token_id: 2 }
train:
  objectives:
    text: { batch_tokens: 512, maximum_length: 32 }
  max_steps: ${settings.steps}
  learning_rate: 1.0e-3
  dropout: true
  gradient_accumulation_steps: 2
  gradient_checkpointing: true
  save_steps: ${settings.save}
data:
  text: { path: text }
`,
  };
}

const labels = ["entailment", "neutral", "contradiction"];
const inference = (kind: number): string =>
  `${lines(30, kind)
    .map((text, i) => `${text}\t${sentence(kind, i, 1)}\t${labels[i % 3]}`)
    .join("\n")}\n`;

/** A LoRA study on the model that `pretrainFiles` makes: two "languages", XNLI with 0 and 2 shots, parallel lines. */
export function studyFiles(): Record<string, string> {
  const pairs = lines(120, 1).map((text, i) => `${text}\t${sentence(2, i)}`);
  return {
    "data/parallel/eng-deu.tsv": `${pairs.join("\n")}\n`,
    "data/instructions.jsonl": `${lines(60, 3)
      .map((text, i) => JSON.stringify({ prompt: `${text} `, answer: sentence(4, i) }))
      .join("\n")}\n`,
    "data/flores200/eng_Latn.devtest": `${lines(20, 5).join("\n")}\n`,
    "data/flores200/deu_Latn.devtest": `${lines(20, 6).join("\n")}\n`,
    "data/xnli/dev-en.tsv": inference(7),
    "data/xnli/dev-de.tsv": inference(8),
    "study.yaml": `
name: small-lora
model: runs/small/model
threads: 1
train:
  method: { kind: lora, rank: 4, dropout: 0.1 }
  objectives:
    contrastive: { layer: 2, pairs_per_batch: 8 }
    instruction: { batch_tokens: 128 }
    translation: { weight: 0.5, batch_tokens: 128 }
  max_steps: 8
  learning_rate: 1.0e-2
data:
  parallel: { path: "\${INTERLINGUA_DATA}/parallel", languages: [en, de] }
  instructions: { path: "\${INTERLINGUA_DATA}/instructions.jsonl" }
evaluate:
  tasks: [xnli, flores]
  languages: [en, de]
  shots: [0, 2]
  lenses: [similarity, pca]
`,
  };
}
