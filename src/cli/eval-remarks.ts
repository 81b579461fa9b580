import type { ResultsFile } from "../run/records.ts";

/** What a terminal shows without breaking lines. */
export const terminalColumns = 100;

/** Breaks a text into lines that a terminal shows whole, the later ones set in. */
export function wrapped(text: string, width = terminalColumns): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

type Check = ResultsFile["checks"][number];

/** Checks that say the same of several languages, as one. */
function together(checks: readonly Check[]): { first: Check; languages: string[] }[] {
  const groups = new Map<string, { first: Check; languages: string[] }>();
  for (const check of checks) {
    const key = JSON.stringify([check.severity, check.task, check.check, check.message]);
    const group = groups.get(key) ?? { first: check, languages: [] };
    if (typeof check.language === "string" && !group.languages.includes(check.language))
      group.languages.push(check.language);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What a reader must know: warnings and errors, and the certificate of invariance. */
export function remarks(checks: ResultsFile["checks"]): string {
  const shown = checks.filter(({ check, severity }) => severity !== "note" || check === "invariance");
  return together(shown)
    .map(({ first: { check, severity, task, message }, languages }) => {
      const place = [task, languages.join(", ")].filter((part) => part !== undefined && part !== "").join(" ");
      return `${wrapped(`${severity}: ${place === "" ? "" : `${place}: `}${String(check)}: ${String(message)}`)}\n`;
    })
    .join("");
}
