import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ChatMessage, encodeChats, loadChatTemplate, missingChatTemplate } from "./chat-template.ts";
import { loadTokenizer } from "./tokenizer.ts";
import type { Json } from "./tokenizer-file.ts";

interface Golden {
  conversations: Record<string, ChatMessage[]>;
  settings: Json[];
  templates: Record<string, { config: Json; template: string; cases: Case[] }>;
}
interface Case {
  conversation: string;
  settings: number;
  text?: string;
  error?: string;
}

const goldens = (name: string) => fileURLToPath(new URL(`../../test/goldens/${name}`, import.meta.url));
const golden = JSON.parse(readFileSync(goldens("chat-templates.golden.json"), "utf8")) as Golden;

function folderWith(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), "chat-template-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

const user = (content: string): ChatMessage[] => [{ role: "user", content }];
const template = async (chat_template: unknown, files: Record<string, unknown> = {}) => {
  const found = await loadChatTemplate(folderWith({ "tokenizer_config.json": { chat_template }, ...files }));
  expect(found).toBeDefined();
  return found!;
};

describe("Hugging Face parity", () => {
  test.for(Object.keys(golden.templates))("%s: conversations read as transformers writes them", async (name) => {
    const { config, template: source, cases } = golden.templates[name]!;
    const found = (await loadChatTemplate(
      folderWith({
        "tokenizer_config.json": { tokenizer_class: "PreTrainedTokenizerFast", ...config },
        "chat_template.jinja": source,
      }),
    ))!;
    for (const [
      i,
      { add_generation_prompt: addGenerationPrompt = false, tools, ...variables },
    ] of golden.settings.entries()) {
      const rows = cases.filter((row) => row.settings === i);
      const options = {
        addGenerationPrompt: addGenerationPrompt === true,
        variables,
        ...(tools ? { tools: tools as Json[] } : {}),
      };
      const render = (row: Case) => golden.conversations[row.conversation]!;
      const good = rows.filter(({ text }) => text !== undefined);
      expect(await found.render(good.map(render), options)).toEqual(good.map(({ text }) => text));
      for (const row of rows.filter(({ error }) => error !== undefined))
        await expect(found.render([render(row)], options), `${row.conversation}: ${row.error}`).rejects.toThrow(
          /conversation 0 \(from 0\)/,
        );
    }
  });
});

describe("loadChatTemplate", () => {
  test("a base model has none, and the message says what to do", async () => {
    const folder = folderWith({ "tokenizer_config.json": { chat_template: null } });
    expect(await loadChatTemplate(folder)).toBeUndefined();
    expect(await loadChatTemplate(folderWith({}))).toBeUndefined();
    expect(missingChatTemplate(folder)).toMatch(/no chat template .*plain text/);
  });

  test("takes one of several by name, that for tools where tools are given", async () => {
    const named = ["default", "tool_use", "rag"].map((name) => ({
      name,
      template: `${name}: {{ messages[0].content }}`,
    }));
    const found = await template(named);
    expect(await found.render([user("x")])).toEqual(["default: x"]);
    expect(await found.render([user("x")], { tools: [] })).toEqual(["tool_use: x"]);
    expect(await found.render([user("x")], { name: "rag" })).toEqual(["rag: x"]);
    await expect(found.render([user("x")], { name: "no" })).rejects.toThrow(
      /named no; there are: default, tool_use, rag/,
    );
    await expect(template([{ name: "default" }])).rejects.toThrow(
      /tokenizer_config\.json: chat_template: expected a text/,
    );
  });

  test("files stand above tokenizer_config.json", async () => {
    const found = await template("config", {
      "chat_template.jinja": "file {{ bos_token }}\n",
      "additional_chat_templates/rag.jinja": "rag",
      "special_tokens_map.json": { bos_token: "<s>" },
    });
    expect(found.path).toMatch(/chat_template\.jinja$/);
    expect(await found.render([user("x")])).toEqual(["file <s>"]);
    expect(await found.render([user("x")], { name: "rag" })).toEqual(["rag"]);
    expect(found.sha256).not.toBe((await template("config")).sha256);
  });

  test("the ids of a chat have the template's special tokens and no others", async () => {
    const folder = folderWith({
      "tokenizer.json": readFileSync(join(goldens("tokenizer"), "tokenizer.json"), "utf8"),
      "tokenizer_config.json": {
        bos_token: "<s>",
        eos_token: "</s>",
        chat_template: "{{ bos_token }}{{ messages[0].content }}",
      },
    });
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.prefixIds).toEqual([2]);
    const [chat] = await encodeChats(tokenizer, (await loadChatTemplate(folder))!, [user("the cat")]);
    const [plain] = await tokenizer.encodeBatch(["the cat"], { addSpecialTokens: false });
    expect(chat!.ids).toEqual([0, ...plain!.ids]);
  });

  test("thousands of conversations are one call", async () => {
    const { render } = await template("{{ messages[0].content }}!");
    const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}\nä`);
    expect(await render(texts.map(user))).toEqual(texts.map((text) => `${text}!`));
    expect(await render([])).toEqual([]);
  });
});

describe("a template that cannot be used", () => {
  test.for([
    ["a mistake", "{% for x in %}", /tokenizer_config\.json: the chat template cannot be read: /],
    ["its own complaint", "{{ raise_exception('no ' + messages[0].role) }}", /cannot write conversation 0 .*: no user/],
    [
      "an endless loop",
      "{% for a in range(999999) %}{% for b in range(999999) %}{% endfor %}{% endfor %}",
      /more than 2 s/,
    ],
    ["a list without end", "{% for a in range(10 ** 12) %}{% endfor %}", /MiB of memory|more than 2 s|writes|Invalid/],
    ["a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", /conversation 0/],
    ["too much text", "{% for a in range(999999) %}{{ messages }}{% endfor %}", /writes \d+|MiB of memory|2 s/],
    [
      "a megabyte and one",
      "{{ messages[0].content | indent(1048576, true) }}",
      /it writes 1048577 characters, at most 1048576/,
    ],
    [
      "a text that doubles",
      "{% set n = namespace(t='ab') %}{% for a in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}{{ n.t }}",
      /./,
    ],
    ["parts where it takes text", "{{ '[' + messages[1].content + ']' }}", /as text, not as a list of parts/],
    ["the host's objects", "{{ messages.constructor.constructor('return process')() }}", /cannot write conversation 0/],
  ] as const)("%s", async ([, source, message]) => {
    const { render } = await template(source);
    const began = performance.now();
    const parts = { role: "user", content: [{ type: "text", text: "x" }] };
    await expect(render([[...user("x"), parts]])).rejects.toThrow(message);
    expect(performance.now() - began, "it ends, on a busy machine too").toBeLessThan(60_000);
  });

  test("names the conversation among many", async () => {
    const { render } = await template("{% if messages[0].content == '7' %}{{ raise_exception('seven') }}{% endif %}ok");
    const conversations = Array.from({ length: 10 }, (_, i) => user(String(i)));
    await expect(render(conversations)).rejects.toThrow(/conversation 7 \(from 0\): seven/);
  });
});
