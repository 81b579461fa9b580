import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { choiceTasks, generationTasks, tasks } from "./index.ts";

const jsonl = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const ours = { shots: 0, seed: 0, prompts: "interlingua" } as const;
const copa = (premise: string) => ({ premise, choice1: "Őt A.", choice2: "B.", question: "effect", label: 0, idx: 0 });

describe("our own prompts", () => {
  test("XCOPA: only a full stop is dropped, and no space where the language writes none", async () => {
    const folder = folderWith({
      "xcopa/zh/test.zh.jsonl": jsonl(copa("他走了。")),
      "xcopa/th/test.th.jsonl": jsonl(copa("เขาไป")),
      "xcopa/et/test.et.jsonl": jsonl(copa("Ta läks. ")),
    });
    const first = async (language: string, prompts: "interlingua" | "harness") =>
      (await choiceTasks.xcopa.examples({ ...ours, prompts, folder, language })).examples[0]!.requests[0];
    expect(await first("zh", "interlingua")).toEqual({ context: "他走了所以", continuation: "őt A." });
    expect(await first("th", "interlingua")).toEqual({ context: "เขาไปดังนั้น", continuation: "őt A." });
    expect(await first("et", "interlingua")).toEqual({ context: "Ta läks seetõttu", continuation: " őt A." });
    // the harness drops the last character, a letter in Thai
    expect((await first("th", "harness"))!.context).toBe("เขาไ ดังนั้น");
  });

  test("XWinograd: the rest of the sentence as it is written, and its own length for acc_norm", async () => {
    const row = { sentence: "甲は乙を見た。_は笑った。", option1: "甲", option2: "乙", answer: "1" };
    const folder = folderWith({ "xwinograd/test/jp.jsonl": jsonl(row) });
    const read = async (prompts: "interlingua" | "harness") =>
      (await choiceTasks.xwinograd.examples({ ...ours, prompts, folder, language: "ja" })).examples[0]!;
    expect(await read("interlingua")).toMatchObject({
      requests: [
        { context: "甲は乙を見た。甲", continuation: "は笑った。" },
        { context: "甲は乙を見た。乙", continuation: "は笑った。" },
      ],
      choices: ["は笑った。", "は笑った。"],
    });
    expect(await read("harness")).toMatchObject({
      requests: [{ continuation: " は笑った。" }, {}],
      choices: ["甲は乙を見た。甲", "甲は乙を見た。乙"],
    });
  });

  test("XQuAD: corrected Arabic; F1 by characters where no spaces part words", async () => {
    const squad = (context: string) =>
      JSON.stringify({
        data: [
          {
            paragraphs: [
              { context, qas: [{ id: "q", question: "Q", answers: [{ text: "北京" }, { text: "北京市" }] }] },
            ],
          },
        ],
      });
    const folder = folderWith({ "xquad/xquad.ar.json": squad("C"), "xquad/xquad.zh.json": squad("C") });
    const read = (language: string, prompts: "interlingua" | "harness") =>
      generationTasks.xquad.examples({ ...ours, prompts, folder, language });
    expect((await read("ar", "interlingua")).examples[0]!.prompt).toMatch(/^سياق: C\n\n/);
    expect((await read("ar", "harness")).examples[0]!.prompt).toMatch(/^سيا: C\n\n/);
    const [ownScore, theirs] = [(await read("zh", "interlingua")).score, (await read("zh", "harness")).score];
    expect(ownScore("北京市。", ["北京", "北京市"])).toEqual({ exact_match: 1, f1: 1 });
    expect(ownScore("北方", ["北京"])).toEqual({ exact_match: 0, f1: 0.5 });
    expect(theirs("北京市。", ["北京", "北京市"])).toEqual({ exact_match: 0, f1: 0 });
  });

  test("label words of the published tasks without quotation marks", async () => {
    const item = (i: number, answer: string) => ({ premise: `P${i}`, hypothesis: `H${i}`, answer });
    const rows = ["Konsequenz", "neutral", "Widerspruch", "neutral"].map((word, i) => item(i, word));
    const folder = folderWith({ "snli/snli_de600_test.json": JSON.stringify(rows) });
    const { examples } = await choiceTasks.snli.examples({ ...ours, folder, language: "de", shots: 3 });
    expect(examples).toHaveLength(1);
    expect(examples[0]!.requests.map(({ continuation }) => continuation)).toEqual([
      " entailment",
      " neutral",
      " contradiction",
    ]);
    expect(examples[0]!.requests[0]!.context).toMatch(
      /^(Prämisse: P\d\nHypothese: H\d\nAntwort: \w+\n\n){3}Prämisse: P\d\nHypothese: H\d\nAntwort:$/,
    );
    const same = await choiceTasks.snli.examples({ ...ours, folder, language: "de", labelMode: "same-language" });
    expect(same.examples[0]!.requests[0]!.continuation).toBe(" Konsequenz");
  });
});

describe("question translation", () => {
  /** A script of our own in the form of the published ones; the blanks after the first label are kept. */
  const script = `prompt_prefix = {'en': '''It went well.
Emotion: "positive"   
It went badly.
Emotion: "negative"''',
                 'th':'''ดี
อารมณ์: "positive"
แย่
อารมณ์: "negative"'''}
`;
  const item = (input: string, answer: string) => ({ input, answer });
  const files = {
    "ap_emotion/emotion_en500_test.json": JSON.stringify([item("Good {it}.", "positive"), item("Bad.", "negative")]),
    "ap_emotion/emotion_th500_test.json": JSON.stringify([
      item("ดีมาก", "เชิงบวก"),
      item("ไม่ดี", "เชิงลบ"),
      item("x", "?"),
    ]),
  };
  const options = { seed: 0, prompts: "question-translation" } as const;

  test("demonstrations are those of the script in the user's copy, with the labels of the mode", async () => {
    const folder = folderWith({ ...files, "emotion_eval_2shot_enout.py": script });
    const read = (language: string, labelMode?: "same-language" | "task-agnostic") =>
      choiceTasks.polarity.examples({ ...options, folder, language, shots: 2, labelMode });
    const english = await read("en");
    expect(english).toMatchObject({
      scoring: "label-tokens",
      labelTokens: { words: ["positive", "negative"] },
      findings: [],
    });
    expect(english.examples[0]!.requests).toEqual(
      ["positive", "negative"].map((continuation) => ({
        context: 'It went well.\nEmotion: "positive"   \nIt went badly.\nEmotion: "negative"\nGood {it}.\nEmotion: "',
        continuation,
      })),
    );
    const same = await read("th", "same-language");
    expect(same.labelTokens).toEqual({ appended: "เชิง", words: ["บวก", "ลบ"] });
    expect(same.examples[0]!.requests[0]!.context).toBe('ดี\nอารมณ์: "เชิงบวก"\nแย่\nอารมณ์: "เชิงลบ"\nดีมาก\nอารมณ์: "');
    expect((await read("th", "task-agnostic")).examples[1]!.requests[0]!.context).toContain('"horse"\nไม่ดี');
    // the published code asks items whose label it does not know
    expect(same.examples.map(({ label }) => label)).toEqual([0, 1, -1]);
    expect(same.sources.map(({ role }) => role)).toEqual(["polarity", "polarity demonstrations"]);
    await expect(
      choiceTasks.paws.examples({ ...options, folder, language: "de", shots: 0, labelMode: "same-language" }),
    ).rejects.toThrow("paws has no same-language label words in de.");
  });

  test("without the script they come from the test file, and the findings say so", async () => {
    const { examples, findings } = await choiceTasks.polarity.examples({
      ...{
        ...options,
        folder: folderWith({
          ...files,
          "ap_emotion/emotion_de500_test.json": JSON.stringify([
            item("Eins.", "positiv"),
            item("Zwei.", "negativ"),
            item("Drei.", "positiv"),
            item("Vier.", "?"),
          ]),
        }),
        language: "de",
        shots: 2,
      },
    });
    expect(findings).toMatchObject([
      { check: "demonstrations", severity: "note", message: expect.stringContaining("emotion_eval_2shot_enout.py") },
    ]);
    expect(examples.map(({ label }) => label)).toEqual([0, -1]);
    expect(examples[0]!.requests[0]!.context).toMatch(
      /^(\w+\.\nEmotion: "(positive|negative)"\n){2}\w+\.\nEmotion: "$/,
    );
  });
});

describe("where a protocol's demonstrations are not among the data", () => {
  const nli = (n: number) =>
    Array.from({ length: n }, (_, i) => `p${i}\th${i}\t${["entailment", "neutral", "contradiction"][i % 3]}\n`).join(
      "",
    );

  test("the findings say so, and no item is its own demonstration", async () => {
    const folder = folderWith({ "xnli/dev-en.tsv": nli(6) });
    const options = { folder, language: "en", shots: 2, seed: 1 };
    const harness = await choiceTasks.xnli.examples({ ...options, prompts: "harness" });
    expect(harness.findings).toMatchObject([{ check: "demonstration-pool", severity: "warning" }]);
    expect(harness.examples).toHaveLength(6);
    for (const { id, requests } of harness.examples) expect(requests[0]!.context).not.toContain(`p${id},`);
    const afp = await choiceTasks.xnli.examples({ ...options, prompts: "afp" });
    expect(afp.findings).toMatchObject([{ check: "demonstration-pool", severity: "warning" }]);
    expect(afp.examples).toHaveLength(4);
    const [{ id, requests }] = afp.examples as [(typeof afp.examples)[0]];
    expect(requests[0]!.continuation.split("</s>").slice(0, 2).join()).not.toContain(`p${id},`);
  });

  test("AFP's demonstrations are English unless told, whatever the language of the items", async () => {
    const folder = folderWith({
      "xnli/dev-en.tsv": nli(6).replaceAll("p", "english "),
      "xnli/dev-de.tsv": nli(6),
      "xnli/test-de.tsv": "Frage\tAntwort\tneutral\n",
    });
    const options = { folder, language: "de", shots: 1, seed: 0, prompts: "afp" } as const;
    const text = async (more: object) =>
      (await choiceTasks.xnli.examples({ ...options, ...more })).examples[0]!.requests[1]!.continuation;
    expect(await text({})).toMatch(/^english \d, right\? \w+, h\d<\/s>Frage, right\? Also, Antwort$/);
    expect(await text({ demonstrationLanguage: "de" })).toMatch(/^p\d, right\?/);
    await expect(text({ promptLanguage: "zh" })).rejects.toThrow(
      "AFP has no xnli templates in zh. Ask for the prompt language en.",
    );
    expect(await text({ promptLanguage: "ar", demonstrationLanguage: "de", afpForm: "code" })).toMatch(/^شرط مسبق: p/);
  });

  test("too few for the shots", async () => {
    const folder = folderWith({ "xnli/dev-en.tsv": nli(3), "xnli/train-en.tsv": nli(3) });
    await expect(
      choiceTasks.xnli.examples({ folder, language: "en", shots: 3, seed: 0, prompts: "harness" }),
    ).rejects.toThrow("xnli: 3 demonstrations need 4 items, the pool has 3.");
  });
});

test("every task: a prompt of ours in every language, and a name that is its key", () => {
  for (const [name, task] of Object.entries(tasks)) {
    expect(task.name).toBe(name);
    expect(task.promptSets).toContain("interlingua");
    for (const code of task.languages) {
      const prompt =
        task.kind === "choice"
          ? task.prompt({ prompts: "interlingua", language: code })
          : task.prompts.interlingua!({ code, source: "en" });
      expect(prompt.separator).toBe("\n\n");
    }
  }
});
