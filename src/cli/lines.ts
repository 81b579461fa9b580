import { UsageError } from "../run/errors.ts";

/** Lines of standard input. They end at \n only: readline also parts at U+2028, which JSON strings may hold as it is. */
async function* standardInput(): AsyncGenerator<string> {
  let rest = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Reads JSON Lines from standard input; `check` turns a value into what the verb wants or says what it expected. */
export async function readInputLines<T>(check: (value: unknown) => T | undefined, expected: string): Promise<T[]> {
  const records: T[] = [];
  let number = 0;
  for await (const line of standardInput()) {
    number++;
    if (line.trim() === "") continue;
    const refuse = () =>
      new UsageError(`standard input, line ${number}: expected ${expected}, received ${line.slice(0, 80)}`);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw refuse();
    }
    const record = check(value);
    if (record === undefined) throw refuse();
    records.push(record);
  }
  return records;
}

/** The lines of standard input as they are, white space at their ends left out. */
export async function readPlainLines(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of standardInput()) lines.push(line.trimEnd());
  return lines;
}

/** One JSON document per line on standard output. */
export function writeOutputLines(records: Iterable<unknown>): void {
  for (const record of records) process.stdout.write(`${JSON.stringify(record)}\n`);
}

export const asString = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
