import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A block of a page that is not prose. */
export interface Block {
  /** `commands` of a shell (indented, or fenced as sh), or the language behind the fence. */
  kind: string;
  /** What else stands behind the fence: `sketch` of a snippet that is no whole program. */
  info: string;
  lines: string[];
  /** Line of the page, from 1, of the block's first line. */
  line: number;
  /** What comments right above the block say, such as `runs`; readers of the rendered page do not see them. */
  marks: string[];
  /** Text of the section that the block stands in. */
  section: string;
}

export interface Page {
  path: string;
  text: string;
  blocks: Block[];
}

const fence = /^( *)```(\S*) *(.*)$/;
const comment = /^<!-- (.*) -->$/;
const shells = ["sh", "bash", "shell", "console"];

/** The sections of a page, each with its heading: line index of its begin → text. */
function sectionOf(lines: readonly string[]): (line: number) => string {
  const starts = lines.flatMap((line, i) => (/^#{1,6} /.test(line) ? [i] : []));
  return (line) => {
    const begin = starts.findLast((start) => start <= line) ?? 0;
    return lines.slice(begin, starts.find((start) => start > line) ?? lines.length).join("\n");
  };
}

function marksAbove(lines: readonly string[], index: number): string[] {
  const marks: string[] = [];
  for (let i = index - 1; i >= 0; i--) {
    const mark = lines[i]!.match(comment)?.[1];
    if (mark !== undefined) marks.unshift(mark);
    else if (lines[i]!.trim() !== "") break;
  }
  return marks;
}

/** Finds fenced blocks and blocks indented by four spaces after a blank line; a comment that is closed is no prose. */
export function parsePage(path: string, text: string): Page {
  const lines = text.split("\n");
  const section = sectionOf(lines.map((line, i) => (insideFence(lines, i) ? "" : line)));
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, margin, language = "", info = ""] = lines[i]!.match(fence) ?? [];
    const about = { marks: marksAbove(lines, i), section: section(i) };
    if (margin !== undefined) {
      let end = i + 1;
      while (end < lines.length && !/^ *```\s*$/.test(lines[end]!)) end++;
      const inner = lines.slice(i + 1, end).map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line));
      blocks.push({
        kind: shells.includes(language) ? "commands" : language,
        info,
        lines: inner,
        line: i + 2,
        ...about,
      });
      i = end;
    } else if (/^ {4}\S/.test(lines[i]!) && (lines[i - 1] ?? "").trim() === "") {
      let end = i;
      while (end < lines.length && (lines[end]!.startsWith("    ") || lines[end]!.trim() === "")) end++;
      const inner = lines.slice(i, end).map((line) => line.slice(4));
      while (inner.at(-1)?.trim() === "") inner.pop();
      blocks.push({ kind: "commands", info: "", lines: inner, line: i + 1, ...about });
      i = end - 1;
    }
  }
  return { path, text, blocks };
}

function insideFence(lines: readonly string[], index: number): boolean {
  return lines.slice(0, index).filter((line) => fence.test(line)).length % 2 === 1;
}

export const readPage = (root: string, path: string): Page => parsePage(path, readFileSync(join(root, path), "utf8"));

/** The file that a snippet or block is, where its first line says so in a comment: `# weather.yaml`. */
export const fileOf = ({ lines }: Block): string | undefined => lines[0]?.match(/^(?:#|\/\/) ([\w./-]+\.\w+)$/)?.[1];
