import { createInterface } from "node:readline";
import { UsageError } from "../run/errors.ts";

/** Reads JSON Lines from standard input; `check` turns a value into what the verb wants or says what it expected. */
export async function readInputLines<T>(check: (value: unknown) => T | undefined, expected: string): Promise<T[]> {
  const records: T[] = [];
  let number = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
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

/** One JSON document per line on standard output. */
export function writeOutputLines(records: Iterable<unknown>): void {
  for (const record of records) process.stdout.write(`${JSON.stringify(record)}\n`);
}

export const asString = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
