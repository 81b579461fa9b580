import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { checkChoiceTask, checkGenerationTask } from "./checks.ts";
import { searchOverlap } from "./checks-overlap.ts";
import { droppedItems, withPivotLabels } from "./drop-rules.ts";
import { readFloresLines } from "./flores.ts";
import { choiceTasks, generationTasks } from "./index.ts";

const { snli, pawsx, xnli, xwinograd, sib200 } = choiceTasks;

/** Six items of our own in the layout of the released SNLI files, labels in the order given. */
const released = (words: Record<string, string[]>) =>
  folderWith(
    Object.fromEntries(
      Object.entries(words).map(([code, labels]) => [
        `snli/snli_${code}600_test.json`,
        JSON.stringify(
          labels.map((answer, i) => ({
            premise: `${code} premise ${i}`,
            hypothesis: `${code} hypothesis ${i}`,
            answer,
          })),
        ),
      ]),
    ),
  );
const english = ["entailment", "neutral", "contradiction", "neutral", "contradiction", "entailment"];

describe("labels of a parallel test set against its pivot", () => {
  test("labels that changed places are found and named", async () => {
    const folder = released({
      en: english,
      no: ["entailment", "motsigelse", "nøytral", "motsigelse", "nøytral", "entailment"],
      sv: ["medföring", "neutral", "motsägelse", "neutral", "motsägelse", "medföring"],
    });
    const options = { folder, prompts: "question-translation" } as const;
    expect(await checkChoiceTask(snli, { ...options, languages: ["no", "sv"] })).toEqual([
      {
        ...{ check: "labels-differ", task: "snli", language: "no", severity: "error", items: ["1", "2", "3", "4"] },
        message: "neutral and contradiction are swapped: 4 items are labelled otherwise than in en.",
      },
    ]);
  });

  test("a single wrong label is not a swap", async () => {
    const folder = released({
      en: english,
      sv: ["medföring", "medföring", "motsägelse", "neutral", "motsägelse", "medföring"],
    });
    const [finding] = await checkChoiceTask(snli, { folder, prompts: "question-translation", languages: ["en", "sv"] });
    expect(finding).toMatchObject({ items: ["1"], message: "1 item is labelled otherwise than in en." });
  });

  test("label words that the protocol does not have", async () => {
    const folder = released({
      en: english,
      ja: ["含意", "中性", "矛盾", "中性", "矛盾", "含意"],
      bn: ["ধারণ করে", "নিরপেক্ষ", "দ্বন্দ্ব", "নিরপেক্ষ", "দ্বন্দ্ব", "ধারণ করে"],
    });
    const options = { folder, prompts: "question-translation", shots: 0, seed: 0 } as const;
    const findings = await checkChoiceTask(snli, { ...options, languages: ["en", "ja", "bn"] });
    expect(findings.filter(({ check }) => check === "unknown-label")).toEqual([
      {
        ...{ check: "unknown-label", task: "snli", language: "ja", severity: "error", items: ["1", "3"] },
        message:
          "2 items are labelled 中性, which is none of 含意, 中立, 矛盾; en says neutral for all of them. No answer to them can be right.",
      },
      {
        ...{ check: "unknown-label", task: "snli", language: "bn", severity: "error", items: ["0", "5"] },
        message:
          "2 items are labelled ধারণ করে, which is none of এনটেইলমেন্ট, নিরপেক্ষ, দ্বন্দ্ব; en says entailment for all of them. No answer to them can be right.",
      },
    ]);
    // the published code counts them as wrong, ours leaves them out; the pivot's labels bring them back
    const labels = async (language: string, prompts: "interlingua" | "question-translation") =>
      (await snli.examples({ ...options, language, prompts })).examples;
    expect((await labels("ja", "question-translation")).map(({ label }) => label)).toEqual([0, -1, 2, -1, 2, 0]);
    expect((await labels("ja", "interlingua")).map(({ id }) => id)).toEqual(["0", "2", "4", "5"]);
    const mended = withPivotLabels(
      await labels("ja", "question-translation"),
      await labels("en", "question-translation"),
    );
    expect(mended.map(({ label }) => label)).toEqual([0, 1, 2, 1, 2, 0]);
  });

  test("ids that a language lacks, has alone or has twice; the pivot is English only where it is there", async () => {
    const header = "id\tsentence1\tsentence2\tlabel\n";
    const folder = folderWith({
      "pawsx/de/dev_2k.tsv": `${header}1\tDer Rat kam.\tEs kam der Rat.\t1\n3\tDer Hund lief.\tEs lief der Hund.\t0\n`,
      "pawsx/fr/dev_2k.tsv": `${header}1\tLe chat dort.\tIl dort, le chat.\t1\n1\tLe chien court.\tIl court.\t0\n2\tUn jour.\tLe jour.\t0\n`,
    });
    const findings = await checkChoiceTask(pawsx, { folder, prompts: "interlingua", languages: ["de", "fr"] });
    expect(findings.map(({ check, language, items, message }) => [check, language, items, message])).toEqual([
      ["ids-repeated", "fr", ["1"], "1 item has the id of an earlier one."],
      ["ids-absent", "fr", ["3"], "1 item is in de only."],
      ["ids-alone", "fr", ["2"], "1 item is not in de."],
      ["labels-differ", "fr", ["1"], "1 item is labelled otherwise than in de."],
    ]);
  });

  test("rows without translation, with how many of their labels differ; copies of the pivot", async () => {
    const header = "id\tsentence1\tsentence2\tlabel\n";
    const folder = folderWith({
      "pawsx/en/dev_2k.tsv": `${header}1\tA b c.\tC b a.\t1\n2\tOne two.\tTwo one.\t0\n3\tRed house.\tHouse red.\t0\n`,
      "pawsx/de/dev_2k.tsv": `${header}1\tNS\tNS\t0\n2\tNS\tZwei.\t0\n3\tRed house.\tHouse red.\t0\n`,
    });
    const findings = await checkChoiceTask(pawsx, { folder, prompts: "interlingua", languages: ["en", "de"] });
    expect(findings.map(({ check, items, message }) => [check, items, message])).toEqual([
      ["untranslated", ["1", "2"], "2 items have no translation; the labels of 1 of them differ from en."],
      ["same-as-pivot", ["3"], "1 item has the text of en."],
    ]);
    const place = { task: "pawsx", everywhere: true };
    expect(droppedItems(findings, ["untranslated"], { ...place, language: "en" })).toEqual(new Set(["1", "2"]));
    expect(droppedItems(findings, ["untranslated"], { ...place, language: "en", everywhere: false })).toEqual(
      new Set(),
    );
    expect(droppedItems(findings, ["same-as-pivot", "untranslated"], { ...place, language: "de" }).size).toBe(3);
  });

  test("answers that translation cannot change", async () => {
    const folder = folderWith({
      "mgsm/mgsm_en.tsv": "How many?\t18\nAnd now?\t2,125\n",
      "mgsm/mgsm_de.tsv": "Wie viele?\t18\nUnd jetzt?\t2125\n",
      "mgsm/mgsm_fr.tsv": "Combien ?\t17\nEt alors ?\t2125\n",
    });
    const findings = await checkGenerationTask(generationTasks.mgsm, { folder, languages: ["en", "de", "fr"] });
    expect(findings).toMatchObject([{ check: "answers-differ", language: "fr", items: ["0"] }]);
  });
});

describe("prompts and texts", () => {
  const nli = {
    "xnli/dev-en.tsv": "A b.\tC d.\tneutral\n",
    "xnli/dev-hi.tsv": "यह घर है।\tYah ghar hai.\tneutral\nवह गया।\tवह New York गया।\tneutral\n",
  };

  test("a template without {choice}, as in AFP's code", async () => {
    const options = { folder: folderWith(nli), languages: ["en"], prompts: "afp" } as const;
    expect(await checkChoiceTask(xnli, { ...options, afpForm: "code" })).toMatchObject([
      { check: "template-without-choice", language: "en", severity: "error", items: [] },
    ]);
    expect(await checkChoiceTask(xnli, options)).toEqual([]);
  });

  test("choices that are one text", async () => {
    const row = (option2: string) =>
      `${JSON.stringify({ sentence: "Ann saw Eve, so _ waved.", option1: "Ann", option2, answer: "1" })}\n`;
    const folder = folderWith({ "xwinograd/test/en.jsonl": row("Eve") + row("Ann") });
    expect(await checkChoiceTask(xwinograd, { folder, languages: ["en"], prompts: "harness" })).toMatchObject([
      { check: "duplicate-choices", items: ["1"], message: "1 item has choices with the same text, which tie." },
    ]);
  });

  test("romanised text; names in another script are fine", async () => {
    const folder = folderWith(nli);
    const findings = await checkChoiceTask(xnli, { folder, languages: ["hi"], prompts: "interlingua", pivot: "hi" });
    expect(findings).toEqual([
      {
        ...{ check: "wrong-script", task: "xnli", language: "hi", severity: "warning", items: ["0"] },
        message: "1 item has text that is not in Hindi's script (Deva): hypothesis 1.",
      },
    ]);
  });

  test("evaluated texts among training texts, whatever their spacing and case", () => {
    const rows = [
      { id: "a", fields: { text: "The house on the hill is red.", note: "The river has many bends." } },
      { id: "b", fields: { text: "A short one", note: "x" } },
      { id: "c", fields: { text: "THE HOUSE on the hill — is red", note: "y" } },
    ];
    const search = searchOverlap([
      { task: "own", language: "en", rows, texts: ["text"] },
      { task: "other", language: "en", rows: rows.slice(1, 2) },
    ]);
    for (const text of ["the  house on the hill is red!", "A short one", "The river has many bends."]) search.see(text);
    expect(search.findings()).toMatchObject([
      {
        check: "train-eval-overlap",
        task: "own",
        items: ["a", "c"],
        message: expect.stringMatching(/^2 items have a text/),
      },
    ]);
  });
});

describe("the shared data", () => {
  const folder = shared("data");

  test("XNLI's romanised hypotheses", async (context) => {
    needs(context, "data/xnli");
    const findings = await checkChoiceTask(xnli, { folder, languages: ["hi", "ur"], prompts: "interlingua" });
    expect(
      findings.map(({ check, language, message }) => [check, language, message.match(/hypothesis \d+/)?.[0]]),
    ).toEqual([
      ["wrong-script", "hi", "hypothesis 73"],
      ["wrong-script", "ur", "hypothesis 175"],
    ]);
  });

  test("PAWS-X: labels differ only where there is no translation", async (context) => {
    needs(context, "data/pawsx");
    const findings = await checkChoiceTask(pawsx, { folder, languages: pawsx.languages, prompts: "harness" });
    const counts = (check: string) =>
      Object.fromEntries(
        findings.filter((finding) => finding.check === check).map(({ language, items }) => [language, items.length]),
      );
    expect(counts("untranslated")).toEqual({ de: 68, es: 38, fr: 8, ja: 20, ko: 35, zh: 16 });
    expect(counts("labels-differ")).toEqual({});
  });

  test("SIB-200 shares 494 sentences with FLORES devtest", async (context) => {
    needs(context, "data/sib200", "data/flores200");
    const rows = (
      await Promise.all((["train", "dev", "test"] as const).map((split) => sib200.read(folder, "en", split)))
    ).flatMap((read) => read!.rows);
    const search = searchOverlap([{ task: "sib200", language: "en", rows }]);
    for (const line of readFloresLines(folder, "en").lines) search.see(line);
    expect(search.findings()[0]!.items).toHaveLength(494);
  });
});
