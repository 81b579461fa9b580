import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { choiceTasks } from "./index.ts";
import type { Split } from "./task.ts";

interface Sample {
  doc_id: number;
  target: number;
  context: string;
  continuations: string[];
}

const reference = "reference/harness";
const samples = (run: string, task: string): Sample[] =>
  readFileSync(shared(`${reference}/samples/${run}/${task}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Sample)
    .sort((a, b) => a.doc_id - b.doc_id);

/** The harness' own data files in a layout that the readers know. */
function dataFolder(): string {
  const names = readdirSync(shared(`${reference}/data`)).filter((name) => /^(xnli|paws)/.test(name));
  return folderWith(
    Object.fromEntries(
      names.map((name) => [
        `${name.startsWith("xnli") ? "xnli" : "pawsx"}/${name}`,
        readFileSync(shared(`${reference}/data/${name}`), "utf8"),
      ]),
    ),
  );
}

const cases: ["xnli" | "pawsx", string, Split][] = [
  ...["de", "en", "ru", "sw", "th", "zh"].map((code): ["xnli", string, Split] => ["xnli", code, "dev"]),
  ...["en", "ja", "zh"].map((code): ["pawsx", string, Split] => ["pawsx", code, "test"]),
];
const nameOf = (task: string, code: string) => `${task === "pawsx" ? "paws" : task}_${code}`;

describe("parity with lm-evaluation-harness", () => {
  test.for(cases)("%s %s: contexts, continuations and labels are exact", async ([task, code, split], context) => {
    needs(context, reference);
    const { examples } = await choiceTasks[task].examples({
      folder: dataFolder(),
      language: code,
      split,
      shots: 0,
      seed: 0,
      limit: 40,
      prompts: "harness",
    });
    expect(
      examples.map(({ label, requests }) => ({
        target: label,
        context: requests[0]!.context,
        continuations: requests.map(({ continuation }) => continuation),
      })),
    ).toEqual(
      samples("0shot", nameOf(task, code)).map(({ target, context: before, continuations }) => ({
        target,
        context: before,
        continuations,
      })),
    );
  });

  test.for(cases)(
    "%s %s: demonstrations are written as the harness writes them",
    async ([task, code, split], context) => {
      needs(context, reference);
      const folder = dataFolder();
      const options = { folder, language: code, split, seed: 0, prompts: "harness" } as const;
      const { examples } = await choiceTasks[task].examples({ ...options, shots: 5 });
      const every = await choiceTasks[task].examples({ ...options, split: "dev", shots: 0 });
      const written = new Set(every.examples.map(({ label, requests }) => `${requests[label]!.continuation}\n\n`));
      const demonstrations = examples[0]!.requests[0]!.context.split(/(?<=\n\n)/);
      expect(demonstrations).toHaveLength(5);
      for (const text of demonstrations) expect(written).toContain(text);
      // the harness' own demonstrations come from the pool too, in the same form
      const theirs = samples("5shot_first_n", nameOf(task, code))[0]!.context;
      expect(theirs.split(/(?<=\n\n)/)).toHaveLength(5);
      if (task === "xnli") for (const text of theirs.split(/(?<=\n\n)/)) expect(text).toMatch(/^ .*\n\n$/s);
    },
  );
});
