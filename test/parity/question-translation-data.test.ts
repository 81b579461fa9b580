import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePrompts } from "../../src/data/encode.ts";
import { readInstructions } from "../../src/data/instructions.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { interlingua } from "../command.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

interface TrainingRow {
  file: string;
  index: number;
  source_language: string;
  target_language: string;
  prompt: string;
  target: string;
  source_text: string;
  input_ids: number[];
  labels: number[];
}

const reference = "reference/papers/question-translation/training_rows.json";
const released = "data/question-translation/snli";
const trainingRows = () => (JSON.parse(readFileSync(shared(reference), "utf8")) as { rows: TrainingRow[] }).rows;
const build = (...args: string[]) => interlingua(["data", "build", "question-translation", ...args]);

describe("data build question-translation equals the released data", () => {
  test("every released file, name and bytes, from the folder of all of them", (context) => {
    needs(context, released);
    for (const code of ["de", "es", "it", "sw", "zh"]) {
      const output = folderWith();
      const args = ["--questions", shared(released), "--sources", code, "--parity", "--name", "snli"];
      const { code: exit, err } = build(...args, "--output", output);
      expect(exit, err).toBe(0);
      const name = `snli_${code}10k_train_question.json`;
      expect(readdirSync(output)).toEqual([name]);
      const [ours, theirs] = [join(output, name), shared(join(released, name))].map((path) => readFileSync(path));
      expect(ours!.equals(theirs!), name).toBe(true);
    }
  });

  test("the rows of the reference from texts alone: prompt, target, token ids, labels", async (context) => {
    needs(context, reference, "reference/harness/model");
    const rows = trainingRows();
    expect(rows.length).toBeGreaterThan(10);
    const tokenizer = await loadTokenizer(shared("reference/harness/model"));
    for (const language of new Set(rows.map((row) => row.source_language))) {
      const own = rows.filter((row) => row.source_language === language);
      const pairs = own.map((row) => JSON.stringify({ [language]: row.source_text, English: row.target }));
      const folder = folderWith({ "pairs.jsonl": pairs.join("\n") });
      const args = ["--questions", join(folder, "pairs.jsonl"), "--sources", language, "--parity", "--name", "x"];
      const { code, err } = build(...args, "--output", join(folder, "out"));
      expect(code, err).toBe(0);
      const [name] = readdirSync(join(folder, "out"));
      const read = readInstructions(join(folder, "out", name!), { crossLingualShare: 0, seed: 0 });
      expect(read.rows).toEqual(own.map((row) => ({ prompt: row.prompt, answer: row.target })));
      const encoded = await encodePrompts(tokenizer, read.rows, 2048);
      for (const [i, { input_ids, labels }] of own.entries()) {
        const { ids, promptLength } = encoded[i]!;
        expect([...ids]).toEqual(input_ids);
        expect([...ids].map((id, at) => (at < promptLength ? -100 : id))).toEqual(labels);
      }
    }
  });

  test("the released scaffold around a task's fields gives the released prompts", (context) => {
    needs(context, reference);
    const wanted = trainingRows().filter((row) => row.source_language === "German");
    const fields = (text: string) => text.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
    const items = (texts: readonly string[]) =>
      JSON.stringify(
        texts.map((text) => ({ premise: fields(text)[0], hypothesis: fields(text)[1], answer: "neutral" })),
      );
    const folder = folderWith({
      "snli/snli_de600_test.json": items(wanted.map((row) => row.source_text)),
      "snli/snli_en600_test.json": items(wanted.map((row) => row.target)),
    });
    const args = ["--task", "snli", "--split", "test", "--data", folder, "--sources", "de", "--parity"];
    const { code, err } = build(...args, "--output", join(folder, "out"));
    expect(code, err).toBe(0);
    expect(err).toContain("caution: these are questions of snli's test split");
    const text = readFileSync(join(folder, "out", `snli_de${wanted.length}_train_question.json`), "utf8");
    expect(JSON.parse(text)).toEqual(wanted.map((row) => ({ input: row.prompt, answer: row.target })));
  });
});
