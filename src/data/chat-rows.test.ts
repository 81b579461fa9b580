import { expect, test } from "vitest";
import type { ChatTemplate } from "../text/chat-template.ts";
import { asChats } from "./chat-rows.ts";

/** A template as a function of a conversation. */
const template = (write: (turns: string[], open: boolean) => string): ChatTemplate => ({
  path: "model/chat_template.jinja",
  sha256: "",
  render: async (conversations, options) =>
    conversations.map((turns) =>
      write(
        turns.map(({ role, content }) => `[${role}]${String(content)}[end]`),
        options?.addGenerationPrompt === true,
      ),
    ),
});
const rows = [
  { prompt: "ask", answer: "tell" },
  { prompt: "x", answer: "y" },
];

test("the user's turn and what begins an answer are the prompt, the rest is learned", async () => {
  const plain = template((turns, open) => `[bos]${turns.join("")}${open ? "[assistant]" : ""}`);
  expect(await asChats(plain, rows)).toEqual([
    { prompt: "[bos][user]ask[end][assistant]", answer: "tell[end]" },
    { prompt: "[bos][user]x[end][assistant]", answer: "y[end]" },
  ]);
});

test("a template that rewrites an answered prompt is refused", async () => {
  const counting = template((turns) => `${turns.length} turns: ${turns.join("")}`);
  await expect(asChats(counting, rows)).rejects.toThrow("writes a prompt otherwise once it is answered (row 1)");
});
