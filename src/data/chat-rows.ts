import type { ChatTemplate } from "../text/chat-template.ts";
import type { Instruction } from "./instructions.ts";

/**
 * Instruction rows as a model's chat template writes them: the prompt is the user's turn with what begins an answer, the answer
 * is the assistant's turn with what ends it. Special tokens are in the texts.
 * @throws Error where the template rewrites a prompt once it is answered, so that nothing says where the answer begins
 */
export async function asChats(template: ChatTemplate, rows: readonly Instruction[]): Promise<Instruction[]> {
  const user = rows.map(({ prompt }) => ({ role: "user", content: prompt }));
  const [prompts, whole] = await Promise.all([
    template.render(
      user.map((message) => [message]),
      { addGenerationPrompt: true },
    ),
    template.render(user.map((message, i) => [message, { role: "assistant", content: rows[i]!.answer }])),
  ]);
  return whole.map((text, i) => {
    const prompt = prompts[i]!;
    if (!text.startsWith(prompt))
      throw new Error(
        `${template.path}: the template writes a prompt otherwise once it is answered (row ${i + 1}), so the answer's beginning is not known. Use template: none.`,
      );
    return { prompt, answer: text.slice(prompt.length) };
  });
}
