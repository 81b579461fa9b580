/** One command of a block, with the files that the shell itself opens for it. */
export interface ShellCommand {
  environment: Record<string, string>;
  words: string[];
  reads: string[];
  makes: string[];
  /** Line of the page, from 1. */
  line: number;
}

interface Word {
  text: string;
  operator: boolean;
}

const operators = /^(?:&&|\|\||\||;|[12]?>>?|<<|<)/;

/** Splits a line as a shell would; `a|b` without spaces is one word, since synopses name choices so. */
export function splitLine(line: string): Word[] {
  const words: Word[] = [];
  let rest = line;
  for (;;) {
    rest = rest.trimStart();
    if (rest === "" || rest.startsWith("#")) return words;
    const [operator] = rest.match(operators) ?? [];
    if (operator !== undefined) {
      words.push({ text: operator, operator: true });
      rest = rest.slice(operator.length);
      continue;
    }
    let text = "";
    while (rest !== "" && !/^\s/.test(rest)) {
      const [whole, single, double, escaped] = rest.match(/^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.))/) ?? [];
      if (whole === undefined && /^(?:;|&&|>|<)/.test(rest)) break;
      text += whole === undefined ? rest[0] : (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped);
      rest = rest.slice(whole?.length ?? 1);
    }
    words.push({ text, operator: false });
  }
}

/** Joins lines that end with a backslash and drops the bodies of here-documents; line numbers stay those of the first. */
function logicalLines(lines: readonly string[], first: number): { text: string; line: number }[] {
  const joined: { text: string; line: number }[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = first + i;
    let text = lines[i]!;
    while (text.endsWith("\\") && i + 1 < lines.length) text = `${text.slice(0, -1)} ${lines[++i]!.trim()}`;
    const end = text.match(/<<-?\s*'?"?(\w+)/)?.[1];
    if (end !== undefined) while (i + 1 < lines.length && lines[++i]!.trim() !== end);
    joined.push({ text, line });
  }
  return joined;
}

function command(words: readonly Word[], line: number): ShellCommand | undefined {
  const parsed: ShellCommand = { environment: {}, words: [], reads: [], makes: [], line };
  for (let i = 0; i < words.length; i++) {
    const { text, operator } = words[i]!;
    if (operator) {
      const target = words[++i]?.text;
      if (target === undefined || text === "<<") continue;
      (text === "<" ? parsed.reads : parsed.makes).push(target);
      continue;
    }
    const [, name, value] = text.match(/^([A-Z][A-Z0-9_]*)=(.*)$/s) ?? [];
    if (name !== undefined && parsed.words.length === 0) parsed.environment[name] = value!;
    else parsed.words.push(text);
  }
  return parsed.words.length === 0 && parsed.makes.length === 0 ? undefined : parsed;
}

/** The commands of a block, in order. */
export function shellCommands(lines: readonly string[], first: number): ShellCommand[] {
  return logicalLines(lines, first).flatMap(({ text, line }) => {
    const parts: Word[][] = [[]];
    for (const word of splitLine(text)) {
      if (word.operator && ["&&", "||", "|", ";"].includes(word.text)) parts.push([]);
      else parts.at(-1)!.push(word);
    }
    return parts.flatMap((part) => command(part, line) ?? []);
  });
}

/** Whether a reader is to put something of their own here: M, DIR, DIR/eval, PATH…, path/to/model. */
export const isPlaceholder = (word: string): boolean =>
  /^[A-Z][A-Z0-9_]*(?:[./].*)?$/.test(word) || word.includes("…") || word.startsWith("path/to/");
