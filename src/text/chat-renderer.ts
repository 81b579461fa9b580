import { confined, type Outcome } from "./confined.ts";
import type { Json } from "./tokenizer-file.ts";

const longestOutput = 2 ** 20;
/** an answer is JSON: a character may take six bytes */
const limits = { seconds: 2, output: 6 * longestOutput + 100, memory: 512 };

/** One turn of a conversation; templates may read further fields, such as `tool_calls`. */
export interface ChatMessage {
  /** such as system, user, assistant */
  role: string;
  content?: unknown;
  [field: string]: unknown;
}

type Answer = { text: string } | { error: string };

/** The first request has the template and its variables, each further one a conversation. */
// jinja writes a list where Python would stop
const script = `
const { Template } = require("@huggingface/jinja");
let template, variables;
function handle(request) {
  try {
    if (template === undefined) {
      variables = request.variables;
      template = new Template(request.template);
      return { text: "" };
    }
    const text = template.render({ ...variables, messages: request });
    if (text.length > ${longestOutput}) return { error: "it writes " + text.length + " characters, at most ${longestOutput} are taken" };
    if (text.includes('{"type": "') && request.some(({ content }) => Array.isArray(content)))
      return { error: "it takes the content of a message as text, not as a list of parts" };
    return { text };
  } catch (error) {
    return { error: error.message };
  }
}`;

/**
 * Renders a chat template for each conversation in a process of its own, since a template is a program: 2 s, 1 MiB of text
 * and 512 MiB of memory for each conversation.
 * @param path of the template, for messages
 */
export async function renderAll(
  path: string,
  template: string,
  conversations: readonly (readonly ChatMessage[])[],
  variables: Json,
): Promise<string[]> {
  const { answers, stopped } = await confined(script, [{ template, variables }, ...conversations], limits);
  const texts = (answers as Answer[]).map((answer, i) => {
    if ("text" in answer) return answer.text;
    throw new Error(`${path}: the chat template ${at(i)}: ${answer.error}`);
  });
  if (stopped !== undefined) throw new Error(`${path}: the chat template ${at(texts.length)}: ${why(stopped)}.`);
  return texts.slice(1);
}

const at = (answer: number): string =>
  answer === 0 ? "cannot be read" : `cannot write conversation ${answer - 1} (from 0)`;

function why({ reason, detail }: NonNullable<Outcome["stopped"]>): string {
  if (reason === "time") return `it took more than ${limits.seconds} s`;
  if (reason === "output") return `it writes more than ${longestOutput} characters`;
  if (reason === "memory") return `it took more than ${limits.memory} MiB of memory`;
  return `it ended the process (${detail})`;
}
