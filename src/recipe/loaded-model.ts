import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { loadModel, weightFiles } from "../models/load.ts";
import type { Model } from "../models/model.ts";
import { UsageError } from "../run/errors.ts";
import type { ModelIdentity } from "../run/records.ts";
import type { Finding } from "../tasks/finding.ts";
import { type Dtype, hashSafetensors } from "../tensor/index.ts";
import { type ChatTemplate, loadChatTemplate, missingChatTemplate } from "../text/chat-template.ts";
import { loadTokenizer, type Tokenizer } from "../text/tokenizer.ts";

/** Which model, where. */
export interface ModelChoice {
  model: string;
  adapter?: string;
  device: string;
  /** type of the weights and of the products */
  compute: Dtype;
  applyChatTemplate?: boolean;
}

/** A model ready to be measured. */
export interface Loaded {
  base: string;
  model: Model;
  tokenizer: Tokenizer;
  identity: ModelIdentity;
  template: ChatTemplate | undefined;
}

export async function loadMeasured(choice: ModelChoice): Promise<Loaded> {
  const { model: name, adapter, device, compute, applyChatTemplate } = choice;
  const base = await resolveModel(name);
  const placement = { device, dtype: compute, ...(adapter !== undefined && { adapter }) };
  const template = applyChatTemplate ? await loadChatTemplate(base) : undefined;
  if (applyChatTemplate && template === undefined) throw new UsageError(missingChatTemplate(base));
  const [model, tokenizer] = await Promise.all([loadModel(base, placement), loadTokenizer(base)]);
  const files = [...weightFiles(base), ...(adapter === undefined ? [] : [join(adapter, "adapter_model.safetensors")])];
  const identity: ModelIdentity = { name: basename(adapter ?? name), hash: hashSafetensors(files), stage: 0 };
  return { base, model, tokenizer, identity, template };
}

/** The template's text and its sha256, which is lm-evaluation-harness' record of it; of several, the file's. */
export function chatTemplateFacts({ path }: ChatTemplate): { text: string; sha256: string } {
  const content = readFileSync(path, "utf8");
  const given = path.endsWith(".json") ? (JSON.parse(content) as { chat_template?: unknown }).chat_template : content;
  const text = typeof given === "string" ? given : JSON.stringify(given);
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

/** What every reader of results under a chat template must be able to look up. */
export function chatTemplateFinding(template: ChatTemplate): Finding & { sha256: string } {
  const { sha256 } = chatTemplateFacts(template);
  const message = `Prompts are turns as ${basename(template.path)} writes them, template sha256 ${sha256}.`;
  return { check: "chat-template", task: "", language: "", severity: "note", items: [], message, sha256 };
}
