import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { adapted } from "./added-tokens.ts";
import { type Stranger, strangers } from "./familiar.ts";
import { readSentencePiece } from "./sentencepiece.ts";
import { layOut } from "./sentencepiece-layout.ts";
import { type SpecialTokens, specialTokens, type TokenizerSettings, textOf } from "./special-tokens.ts";
import { type TokenizerClass, tokenizerClass } from "./tokenizer-class.ts";
import { isObject, type Json, parseTokenizer, type TokenizerFile } from "./tokenizer-file.ts";

/** The names that families give their SentencePiece model. */
const sentencePieceNames = ["tokenizer.model", "sentencepiece.bpe.model", "spiece.model"];

/** What a folder says of its tokenizer. */
export interface TokenizerFolder {
  /** the file that the vocabulary came from */
  path: string;
  file: TokenizerFile;
  config: Json;
  tokens: SpecialTokens;
}

/**
 * Reads the tokenizer of a Hugging Face folder as transformers loads it: tokenizer.json, else a SentencePiece model laid out
 * as its family does, with what the small files beside it and the family's class add.
 * @throws Error when there is neither, or a file is broken, or a part of it aborts or stalls the native library
 */
export async function readTokenizerFolder(folder: string): Promise<TokenizerFolder> {
  const settings = await readSettings(folder);
  const of = tokenizerClass(settings.config, settings.model);
  const sentencePiece = sentencePieceNames.map((name) => join(folder, name)).find((path) => existsSync(path));
  const json = join(folder, "tokenizer.json");
  // a Llama class that is told of a leading space makes its tokenizer anew
  const remade = of.layout === "llama" && typeof settings.config.add_prefix_space === "boolean";
  const converted = sentencePiece !== undefined && (remade || !existsSync(json));
  const path = converted ? sentencePiece : json;
  const replaced = converted && existsSync(json) ? (await readTokenizerFile(json)).added_tokens : [];
  const tokens = specialTokens({ ...settings, replaced }, of, converted);
  const file = converted ? await convert(path, of, settings.config, tokens) : await readTokenizerFile(path);
  const result = adapted(file, settings.config, tokens, of);
  const doubts = strangers(result);
  if (doubts.length > 0) await tryOut(path, result, doubts);
  return { path, file: result, config: settings.config, tokens };
}

/** The small files beside a tokenizer. */
export async function readSettings(folder: string): Promise<TokenizerSettings> {
  const read = async (name: string): Promise<Json> => {
    const path = join(folder, name);
    return existsSync(path) ? readObject(path) : {};
  };
  const [config, map, added, model] = await Promise.all([
    read("tokenizer_config.json"),
    read("special_tokens_map.json"),
    read("added_tokens.json"),
    read("config.json"),
  ]);
  return { config, map, added, model };
}

async function readObject(path: string): Promise<Json> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path}: not JSON: ${(cause as Error).message}`, { cause });
  }
  if (isObject(value)) return value;
  throw new Error(`${path}: expected a JSON object, received ${JSON.stringify(value).slice(0, 40)}.`);
}

async function readTokenizerFile(path: string): Promise<TokenizerFile> {
  if (!existsSync(path))
    throw new Error(
      `${path}: no such file, nor ${sentencePieceNames.join(", ")}. Expected a Hugging Face folder with a tokenizer; ` +
        "saving it with transformers' AutoTokenizer(…, use_fast=True).save_pretrained(folder) writes tokenizer.json.",
    );
  try {
    return parseTokenizer(await readFile(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path}: not a tokenizer: ${(cause as Error).message}`, { cause });
  }
}

async function convert(
  path: string,
  of: TokenizerClass,
  config: Json,
  { roles }: SpecialTokens,
): Promise<TokenizerFile> {
  if (of.layout === undefined)
    throw new Error(
      `${path}: a SentencePiece model is read for the classes LlamaTokenizer, GemmaTokenizer, XGLMTokenizer and ` +
        "XLMRobertaTokenizer; name one as tokenizer_class in tokenizer_config.json, or save a tokenizer.json with " +
        "transformers' AutoTokenizer(…).save_pretrained(folder).",
    );
  const bytes = await readFile(path);
  if (/^[A-Za-z0-9+/]+=* \d+\r?\n/.test(bytes.subarray(0, 400).toString("latin1")))
    throw new Error(
      `${path}: this is a tiktoken vocabulary, expected a SentencePiece model. Get the tokenizer.json that is published beside it.`,
    );
  const text = (role: "pad" | "eos" | "bos") => (roles[role] === undefined ? `<${role}>` : textOf(roles[role]));
  try {
    return layOut(readSentencePiece(bytes), of.layout, {
      // null counts as false, absence does not
      addPrefixSpace: config.add_prefix_space === undefined || config.add_prefix_space === true,
      legacy: config.legacy !== false,
      pad: text("pad"),
      eos: text("eos"),
      bos: text("bos"),
    });
  } catch (cause) {
    throw new Error(`${path}: not a SentencePiece model: ${(cause as Error).message}.`, { cause });
  }
}

async function tryOut(path: string, file: TokenizerFile, doubts: readonly Stranger[]): Promise<void> {
  const { patternsIn, trialOf } = await import("./tokenizer-trial.ts");
  const failure = await trialOf(file, doubts);
  if (failure === undefined) return;
  const parts = doubts.slice(0, 3).map((doubt) => {
    const [pattern] = patternsIn(doubt.part);
    const shown = JSON.stringify(pattern ?? doubt.part) ?? "nothing";
    return `${doubt.path} (${pattern === undefined ? "" : "pattern "}${shown.slice(0, 200)})`;
  });
  throw new Error(
    `${path}: not a tokenizer that can be used: ${failure}. No supported family has ${parts.join(", ")}, so it was tried in a ` +
      "process of its own. Take the file from where the model was published, or mend that part.",
  );
}
