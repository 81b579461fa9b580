import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scoringEngine } from "./score.ts";

/** What a model folder has beside its weights that can change an answer: configuration, tokenizer, chat template. */
const files = [
  ...["config.json", "generation_config.json", "adapter_config.json"],
  ...["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"],
  ...["vocab.json", "merges.txt", "tokenizer.model", "sentencepiece.bpe.model", "spiece.model"],
  ...["chat_template.jinja"],
];

/**
 * Fingerprint of what decides an answer beside weights and question: the small files of the model's folder and of the
 * adapter's, and the version of the engine. → 12 hex digits
 */
export function setupHash(folders: readonly string[]): string {
  const hash = createHash("sha256").update(`engine ${scoringEngine}`);
  for (const [place, folder] of folders.entries())
    for (const name of files) {
      const path = join(folder, name);
      if (existsSync(path))
        hash.update(`\n${place} ${name} `).update(createHash("sha256").update(readFileSync(path)).digest());
    }
  return hash.digest("hex").slice(0, 12);
}
