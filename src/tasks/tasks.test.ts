import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { readFloresLines } from "./flores.ts";
import { choiceTasks } from "./index.ts";
import type { ExampleOptions } from "./task-parts.ts";

const plain: Omit<ExampleOptions, "folder" | "language"> = { shots: 0, seed: 0, prompts: "interlingua" };
const nli = "A b.\tC d.\tentailment\nE f.\tG h.\tcontradiction\n";
const lines = (n: number) =>
  Array.from({ length: n }, (_, i) => `p${i}\th${i}\t${["entailment", "neutral", "contradiction"][i % 3]}`).join("\n");

describe("xnli", () => {
  test("the requests of an item", async () => {
    const folder = folderWith({ "xnli/dev-de.tsv": nli });
    const { examples, labels, sources } = await choiceTasks.xnli.examples({ ...plain, folder, language: "German" });
    expect(labels).toEqual(["entailment", "neutral", "contradiction"]);
    const texts = ["Ja", "Auch", "Nein"].map((word) => `E f., richtig? ${word}, G h.`);
    expect(examples[1]).toEqual({
      id: "1",
      label: 2,
      requests: texts.map((continuation) => ({ context: "", continuation })),
      choices: texts,
    });
    expect(sources).toMatchObject([{ role: "xnli", rows: 2, language: "de", licence: "CC BY-NC 4.0" }]);
    expect(sources[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    [
      "XNLI-1.0",
      "xnli/XNLI-1.0/xnli.dev.tsv",
      "language\tgold_label\tsentence1\tsentence2\tpairID\nfr\tneutral\tx\ty\t1\nde\tentailment\tA b.\tC d.\t1\n",
    ],
    ["JSON Lines", "xnli/xnli_de.validation.jsonl", '{"premise": "A b.", "hypothesis": "C d.", "label": 0}\n'],
    [
      "one file for all languages",
      "xnli.tsv",
      "language\tpremise\thypothesis\tlabel\nde\tA b.\tC d.\tentailment\nen\tx\ty\tneutral\n",
    ],
  ])("reads %s", async (_, name, text) => {
    const { examples } = await choiceTasks.xnli.examples({
      ...plain,
      folder: folderWith({ [name]: text }),
      language: "de",
    });
    expect(examples).toHaveLength(1);
    expect(examples[0]).toMatchObject({ label: 0, requests: [{ continuation: "A b., richtig? Ja, C d." }, {}, {}] });
  });

  test.each([
    ["A b.\tC d.\n", /dev-de\.tsv:1: expected 3 columns separated by tabs, received 2/],
    ["A b.\tC d.\tentailment\nA\tB\tmaybe\n", /dev-de\.tsv:2: expected the label entailment, .*, received "maybe"/],
    ["\n", /dev-de\.tsv: the file is empty/],
    [
      "premise\ttext\tlabel\nA\tB\tneutral\n",
      /dev-de\.tsv:1: expected a column hypothesis or sentence2 or hypo, received premise, text, label/,
    ],
  ])("refuses %j", async (text, message) => {
    const folder = folderWith({ "xnli/dev-de.tsv": text });
    await expect(choiceTasks.xnli.examples({ ...plain, folder, language: "de" })).rejects.toThrow(message);
  });

  test("says which languages and layouts there are", async () => {
    const folder = folderWith({ "xnli/dev-de.tsv": nli });
    await expect(choiceTasks.xnli.examples({ ...plain, folder, language: "ja" })).rejects.toThrow(
      "xnli has no ja. It has ar, bg",
    );
    await expect(choiceTasks.xnli.examples({ ...plain, folder, language: "fr" })).rejects.toThrow(
      /no test or dev file of xnli in fr\. Expected xnli\/dev-<language>\.tsv/,
    );
  });
});

describe("demonstrations", () => {
  const files = { "xnli/dev-de.tsv": lines(30), "xnli/dev-fr.tsv": lines(30).replaceAll("p", "q") };
  const shown = async (folder: string, language: string, seed: number, limit?: number) => {
    const { examples } = await choiceTasks.xnli.examples({ ...plain, folder, language, shots: 6, seed, limit });
    const numbers = [...examples[0]!.requests[0]!.context.matchAll(/, h(\d+)\n\n/g)].map((match) => Number(match[1]));
    return { numbers, examples };
  };

  test("are balanced, the same in every language, never evaluated, and the same whatever the limit", async () => {
    const folder = folderWith(files);
    const { numbers, examples } = await shown(folder, "de", 1);
    expect(numbers).toHaveLength(6);
    expect([0, 1, 2].map((label) => numbers.filter((n) => n % 3 === label).length)).toEqual([2, 2, 2]);
    expect((await shown(folder, "fr", 1)).numbers).toEqual(numbers);
    expect((await shown(folder, "de", 2)).numbers).not.toEqual(numbers);
    expect(examples).toHaveLength(24);
    expect(examples.some(({ id }) => numbers.includes(Number(id)))).toBe(false);
    const limited = await shown(folder, "de", 1, 5);
    expect(limited.numbers).toEqual(numbers);
    expect(limited.examples.map(({ id }) => id)).toEqual(examples.slice(0, 5).map(({ id }) => id));
    expect(examples[0]!.requests.every(({ context }) => context.endsWith("\n\n") && !context.includes("\n\n\n"))).toBe(
      true,
    );
  });

  test("come from dev where test is evaluated", async () => {
    const folder = folderWith({ ...files, "xnli/test-de.tsv": "t\tu\tneutral\n" });
    const { examples, sources } = await choiceTasks.xnli.examples({ ...plain, folder, language: "de", shots: 3 });
    expect(examples).toHaveLength(1);
    expect(examples[0]!.requests[1]!.continuation).toBe("t, richtig? Auch, u");
    expect(sources.map(({ path }) => path.slice(-11))).toEqual(["test-de.tsv", "/dev-de.tsv"]);
  });

  test("that a label cannot give are an error", async () => {
    const folder = folderWith({ "xnli/dev-de.tsv": nli });
    const asked = choiceTasks.xnli.examples({ ...plain, folder, language: "de", shots: 3 });
    await expect(asked).rejects.toThrow(/3 demonstrations need more items labelled neutral than the 0 there are/);
  });
});

test("a limit that leaves labels out is told", async () => {
  const folder = folderWith({ "sib200/deu_Latn/test.tsv": "index_id\tcategory\ttext\n1\ttravel\tA.\n2\thealth\tB.\n" });
  const read = (limit?: number) => choiceTasks.sib200.examples({ ...plain, folder, language: "de", limit });
  expect((await read(1)).findings).toMatchObject([
    {
      check: "limit-leaves-labels-out",
      message: "The limit of 1 takes items with 1 of the file's 2 labels. Take more items, or all.",
    },
  ]);
  expect([(await read()).findings, (await read(2)).findings]).toEqual([[], []]);
});

describe("pawsx", () => {
  const header = "id\tsentence1\tsentence2\tlabel\n";

  test("joins the sentences as running text and leaves out what has no translation", async () => {
    const folder = folderWith({
      "pawsx/x-final/de/dev_2k.tsv": `${header}4\tEr , der Rat ( alt ) , kam .\tDer Rat kam .\t1\n5\tNS\tNS\t0\n`,
    });
    const { examples, skipped, sources } = await choiceTasks.pawsx.examples({ ...plain, folder, language: "de" });
    expect(skipped).toBe(1);
    expect(sources[0]!.rows).toBe(2);
    const texts = ["Nein", "Ja"].map((word) => `Er, der Rat (alt), kam, richtig? ${word}, der Rat kam.`);
    expect(examples).toEqual([
      {
        id: "4",
        label: 1,
        requests: texts.map((continuation) => ({ context: "", continuation })),
        choices: texts,
      },
    ]);
  });

  test("needs its columns", async () => {
    const folder = folderWith({ "pawsx/de/dev_2k.tsv": "id\tsentence1\tlabel\n1\ta\t0\n" });
    await expect(choiceTasks.pawsx.examples({ ...plain, folder, language: "de" })).rejects.toThrow(
      "dev_2k.tsv:1: expected a column sentence2, received id, sentence1, label.",
    );
  });
});

describe("the shared data", () => {
  test("XNLI: 2490 balanced items, the same labels in all 15 languages", async (context) => {
    needs(context, "data/xnli");
    let english: number[] = [];
    for (const language of ["en", ...choiceTasks.xnli.languages]) {
      const { examples } = await choiceTasks.xnli.examples({ ...plain, folder: shared("data"), language });
      const labels = examples.map(({ label }) => label);
      if (language === "en") english = labels;
      expect(labels, language).toEqual(english);
    }
    expect([0, 1, 2].map((label) => english.filter((other) => other === label).length)).toEqual([830, 830, 830]);
  });

  test("PAWS-X: the rows without translation are those that are known, and labels then agree", async (context) => {
    needs(context, "data/pawsx");
    const counts: Record<string, number> = {};
    const labels = new Map<string, number>();
    for (const language of ["en", "de", "es", "fr", "ja", "ko", "zh"]) {
      const { examples, skipped } = await choiceTasks.pawsx.examples({ ...plain, folder: shared("data"), language });
      counts[language] = skipped;
      for (const { id, label } of examples) {
        if (language === "en") labels.set(id, label);
        else expect(label, `${language} ${id}`).toBe(labels.get(id));
      }
    }
    expect(counts).toEqual({ en: 0, de: 68, es: 38, fr: 8, ja: 20, ko: 35, zh: 16 });
  });

  test("FLORES: 1012 sentences in 33 languages", (context) => {
    needs(context, "data/flores200");
    expect(readFloresLines(shared("data"), "sw").lines).toHaveLength(1012);
    const { lines: three, source } = readFloresLines(shared("data"), "zho_Hans", { limit: 3 });
    expect(three).toHaveLength(3);
    expect(source).toMatchObject({ role: "flores200", rows: 1012, language: "zh", licence: "CC BY-SA 4.0" });
  });
});

describe("flores", () => {
  test("own sentences in its layout are not given its licence", () => {
    const linesOf = (count: number) => Array.from({ length: count }, (_, i) => `Line ${i}.\n`).join("");
    const folder = folderWith({
      "flores200/eng_Latn.devtest": linesOf(300),
      "flores200/deu_Latn.devtest": linesOf(1012),
    });
    expect(readFloresLines(folder, "en").source).not.toHaveProperty("licence");
    expect(readFloresLines(folder, "de").source.licence).toBe("CC BY-SA 4.0");
  });

  test("reads a TSV with a header of languages and refuses gaps", () => {
    const folder = folderWith({ "flores.tsv": "en\tde\nOne.\tEins.\nTwo.\t\n" });
    expect(readFloresLines(folder, "English").lines).toEqual(["One.", "Two."]);
    expect(() => readFloresLines(folder, "de")).toThrow("flores.tsv:3: expected a sentence, received an empty line.");
    expect(() => readFloresLines(folder, "fr")).toThrow("flores.tsv:1: expected a column fr, received en, de.");
    expect(() => readFloresLines(dirname(folder), "fr")).toThrow(/Expected flores200\/fra_Latn\.devtest/);
  });
});
