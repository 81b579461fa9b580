import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { generationTasks, tasks } from "./index.ts";

/** Requests of lm-evaluation-harness on rows of our own: scripts/make-task-goldens.py. */
type Asked = [string, string][] | { prompt: string; until: string[]; target: string };
interface Golden {
  tasks: Record<
    string,
    { rows: Record<string, Record<string, unknown>[]>; languages: Record<string, Record<string, Asked[]>> }
  >;
  scores: { text: string; target: string; mgsm: Record<string, number>; xquad: Record<string, number> }[];
}

const path = fileURLToPath(new URL("../../test/goldens/tasks/harness.golden.json", import.meta.url));
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

/** The harness' names of the tasks' files. */
const files: Record<string, string> = {
  pawsx: "paws",
  sib200: "sib",
  mgsm: "mgsm_direct",
  "flores-translation": "flores",
};

function dataFolder(task: string, language: string): string {
  return folderWith(
    Object.fromEntries(
      Object.entries(golden.tasks[task]!.rows).map(([split, rows]) => [
        `${task === "flores-translation" ? "flores" : task}/${files[task] ?? task}_${language}.${split}.jsonl`,
        rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
      ]),
    ),
  );
}

const cases = Object.entries(golden.tasks).flatMap(([task, { languages }]) =>
  Object.entries(languages).flatMap(([language, runs]) =>
    Object.keys(runs).map((run) => [task, language, run] as const),
  ),
);

describe("the prompts of lm-evaluation-harness", () => {
  test("cover every language of our tasks that it has", () => {
    expect(cases.length).toBeGreaterThan(90);
    for (const [name, { languages }] of Object.entries(golden.tasks))
      if (!["belebele", "sib200", "flores-translation"].includes(name))
        expect([...tasks[name]!.languages].sort()).toEqual(Object.keys(languages).sort());
  });

  test.each(cases)("%s %s, %s demonstrations", async (name, language, run) => {
    const task = tasks[name]!;
    const [shots, sampler] = run.split(" ") as [string, "random" | "first_n" | undefined];
    const options = {
      ...{ folder: dataFolder(name, language), language, shots: Number(shots), seed: 1234 },
      ...{ sampler, prompts: "harness" as const },
    };
    const wanted = golden.tasks[name]!.languages[language]![run]!;
    if (task.kind === "generation") {
      const { examples, stop } = await task.examples(options);
      expect(
        examples.slice(0, wanted.length).map(({ prompt, targets }) => ({ prompt, until: stop, target: targets[0] })),
      ).toEqual(wanted);
      return;
    }
    const { examples } = await task.examples(options);
    expect(
      examples
        .slice(0, wanted.length)
        .map(({ requests, unconditional = [] }) =>
          [...requests, ...(name === "xcopa" ? [] : unconditional)].map(({ context, continuation }) => [
            context,
            continuation,
          ]),
        ),
    ).toEqual(wanted);
  });

  test.each(golden.scores)("score $text for $target", async ({ text, target, mgsm, xquad }) => {
    const options = { shots: 0, seed: 0, prompts: "harness" } as const;
    const score = async (name: "mgsm" | "xquad") =>
      (await generationTasks[name].examples({ ...options, folder: dataFolder(name, "de"), language: "de" })).score(
        text,
        [target],
      );
    expect(await score("mgsm")).toEqual({
      "exact_match,remove_whitespace": mgsm.remove_whitespace,
      "exact_match,flexible-extract": mgsm["flexible-extract"],
    });
    const { exact_match, f1 } = await score("xquad");
    expect(exact_match).toBe(xquad.exact_match);
    expect(f1!).toBeCloseTo(xquad.f1!, 12);
  });
});
