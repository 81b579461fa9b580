import type { Command } from "commander";
import { complete } from "../eval/complete.ts";
import { loadModel } from "../models/load.ts";
import { UsageError } from "../run/errors.ts";
import { setThreads } from "../tensor/index.ts";
import { type ChatMessage, loadChatTemplate, missingChatTemplate } from "../text/chat-template.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { addDecodingOptions, type DecodingOptions } from "./decoding-options.ts";
import { readInputLines, writeOutputLines } from "./lines.ts";
import { addCommonOptions, type CommonOptions, whole, wholes } from "./options.ts";
import { progress } from "./progress.ts";

interface Options extends CommonOptions, DecodingOptions {
  model: string;
  adapter?: string;
  prompt?: string[];
  maxNewTokens: number;
  stop?: string[];
  eosTokenIds?: number[];
  applyChatTemplate?: boolean;
}

const collect = (text: string, before: string[] = []): string[] => [...before, text];

type Conversation = ChatMessage[];

const isMessage = (value: unknown): value is ChatMessage =>
  typeof value === "object" &&
  value !== null &&
  "role" in value &&
  typeof value.role === "string" &&
  "content" in value;

/** A prompt is a conversation of one user turn. */
function asConversation(value: unknown): Conversation | undefined {
  const { prompt, messages } = (value ?? {}) as Record<string, unknown>;
  if (typeof prompt === "string") return [{ role: "user", content: prompt }];
  return Array.isArray(messages) && messages.length > 0 && messages.every(isMessage) ? messages : undefined;
}

function asPrompt(value: unknown): string | undefined {
  const { prompt } = (value ?? {}) as Record<string, unknown>;
  return typeof prompt === "string" ? prompt : undefined;
}

/** The prompts to continue, as text: those given, or those of standard input. */
async function readPrompts({ model, prompt, applyChatTemplate }: Options): Promise<string[]> {
  if (!applyChatTemplate) return prompt ?? (await readInputLines(asPrompt, '{"prompt": string}'));
  const template = await loadChatTemplate(model);
  if (template === undefined) throw new UsageError(missingChatTemplate(model));
  const conversations =
    prompt?.map((content): Conversation => [{ role: "user", content }]) ??
    (await readInputLines(asConversation, '{"prompt": string} or {"messages": [{"role", "content"}, …]}'));
  return template.render(conversations, { addGenerationPrompt: true });
}

export function define(command: Command): void {
  addDecodingOptions(
    addCommonOptions(command)
      .requiredOption("--model <folder>", "Hugging Face folder or hub id")
      .option("--adapter <folder>", "PEFT adapter")
      .option("--prompt <text>", "prompt; may be given several times; without it, JSON Lines are read", collect)
      .option("--max-new-tokens <n>", "at most this many tokens per prompt", whole(1), 64),
  )
    .option("--stop <text>", "end before this text; may be given several times", collect)
    .option("--apply-chat-template", "write prompts (or {messages}) as the model's chat template does")
    .option("--eos-token-ids <ids>", "ids that end a text; by default those of generation_config.json", wholes)
    .addHelpText(
      "after",
      '\nReads {"prompt"} per line, writes {"text", "ids"} per line in the same order: only what is new.\nGreedy by default; of generation_config.json only the end ids apply.',
    )
    .action(async (options: Options) => {
      if (options.threads !== undefined) setThreads(options.threads);
      const [model, tokenizer] = await Promise.all([loadModel(options.model, options), loadTokenizer(options.model)]);
      const prompts = await readPrompts(options);
      const { stop, device: _device, dtype: _dtype, ...generation } = options;
      const bar = progress("generate", options);
      const found = await complete(model, tokenizer, prompts, {
        ...generation,
        ...(stop !== undefined && { stopStrings: stop }),
        addSpecialTokens: !options.applyChatTemplate,
        progress: bar.update,
      });
      bar.finish();
      writeOutputLines(found);
    });
}
