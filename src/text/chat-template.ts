import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import type { ChatMessage } from "./chat-renderer.ts";
import { specialTokens, textOf } from "./special-tokens.ts";
import type { Encoded, Tokenizer } from "./tokenizer.ts";
import { roles, tokenizerClass } from "./tokenizer-class.ts";
import { isObject, type Json } from "./tokenizer-file.ts";
import { readSettings } from "./tokenizer-folder.ts";

export type { ChatMessage };

export interface RenderOptions {
  /** whether the text ends with what begins an answer; default false */
  addGenerationPrompt?: boolean;
  /** JSON schemas of functions that the model may call; a folder's template `tool_use` is taken where it has one */
  tools?: readonly Json[];
  /** the name of one of the folder's templates; default `default` */
  name?: string;
  /** further variables of the template, such as `enable_thinking` */
  variables?: Json;
}

/** How a model's conversations are written as text. */
export interface ChatTemplate {
  /** the file that it came from */
  path: string;
  /** of the template's text, for records: equal hashes give equal prompts */
  sha256: string;
  /**
   * Writes each conversation as transformers' `apply_chat_template(tokenize=False)` does, special tokens included. Runs in a
   * process of its own, about 100 ms for one and little more for thousands, so give many at once. At most 2 s and 1 MiB each.
   * @throws Error naming the conversation and what the template complains of, or which limit it passed
   */
  render(conversations: readonly (readonly ChatMessage[])[], options?: RenderOptions): Promise<string[]>;
}

/** The folder of templates beside the default one. */
const moreTemplates = "additional_chat_templates";

/**
 * The chat template of a Hugging Face folder or hub id: chat_template.jinja, else `chat_template` of tokenizer_config.json,
 * which may be several by name. Undefined where there is none, as with base models: `missingChatTemplate` says what to do.
 * @throws Error when the files are broken
 */
export async function loadChatTemplate(place: string): Promise<ChatTemplate | undefined> {
  const folder = await resolveModel(place);
  const settings = await readSettings(folder);
  const found = (await templateFiles(folder)) ?? templatesIn(settings.config, join(folder, "tokenizer_config.json"));
  if (found === undefined) return undefined;
  const { path, templates } = found;
  const tokens = specialTokens(settings, tokenizerClass(settings.config, settings.model));
  const texts: Json = {};
  for (const role of roles) if (tokens.roles[role] !== undefined) texts[`${role}_token`] = textOf(tokens.roles[role]);
  if (tokens.additional.length > 0) texts.additional_special_tokens = tokens.additional.map(textOf);
  const sha256 = createHash("sha256")
    .update(JSON.stringify([...templates].sort()))
    .digest("hex");
  return {
    path,
    sha256,
    render: async (conversations, { addGenerationPrompt = false, tools, name, variables } = {}) => {
      const { renderAll } = await import("./chat-renderer.ts");
      return renderAll(path, pick(path, templates, name, tools !== undefined), conversations, {
        ...texts,
        ...variables,
        tools: tools ?? null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
      });
    },
  };
}

/** What to tell someone who asks for the chat template of a folder that has none. */
export const missingChatTemplate = (place: string): string =>
  `${place}: the folder has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json). Base models are ` +
  "prompted with plain text: leave the chat template off, or take it from the model's instruction-tuned sibling.";

/**
 * Conversations as ids. The template writes the special tokens itself, so the post-processor adds none: the ids of
 * transformers' `apply_chat_template(tokenize=True)`.
 */
export async function encodeChats(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  conversations: readonly (readonly ChatMessage[])[],
  options?: RenderOptions,
): Promise<Encoded[]> {
  return tokenizer.encodeBatch(await template.render(conversations, options), { addSpecialTokens: false });
}

interface Found {
  path: string;
  /** by name */
  templates: Map<string, string>;
}

/** chat_template.jinja, and additional_chat_templates/NAME.jinja. */
async function templateFiles(folder: string): Promise<Found | undefined> {
  const path = join(folder, "chat_template.jinja");
  const more = join(folder, moreTemplates);
  const names = existsSync(more) ? readdirSync(more).filter((name) => name.endsWith(".jinja")) : [];
  const files = [
    ...(existsSync(path) ? [["default", path] as const] : []),
    ...names.map((name) => [name.replace(/\.jinja$/, ""), join(more, name)] as const),
  ];
  if (files.length === 0) return undefined;
  const read = files.map(async ([name, file]) => [name, await readFile(file, "utf8")] as const);
  return { path: files[0]![1], templates: new Map(await Promise.all(read)) };
}

/** One text, or a list of {name, template}. */
function templatesIn({ chat_template: given }: Json, path: string): Found | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string") return { path, templates: new Map([["default", given]]) };
  const named = (entry: unknown): entry is { name: string; template: string } =>
    isObject(entry) && typeof entry.name === "string" && typeof entry.template === "string";
  if (!Array.isArray(given) || !given.every(named))
    throw new Error(`${path}: chat_template: expected a text, or a list of objects with name and template.`);
  return { path, templates: new Map(given.map(({ name, template }) => [name, template])) };
}

function pick(path: string, templates: ReadonlyMap<string, string>, name: string | undefined, tools: boolean): string {
  const wanted = name ?? (tools && templates.has("tool_use") ? "tool_use" : "default");
  const template = templates.get(wanted);
  if (template !== undefined) return template;
  throw new Error(
    `${path}: there is no chat template named ${wanted}; there are: ${[...templates.keys()].join(", ")}.`,
  );
}
