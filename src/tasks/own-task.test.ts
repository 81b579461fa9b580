import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { findTask } from "./find-task.ts";
import { loadOwnTask } from "./own-task.ts";

const topics = `kind: choice
name: topics
languages: [en, German]
files: { test: "{language}/test.tsv", dev: "{language}/dev.tsv" }
fields: { id: number, text: sentence }
label: topic
labels: [sport, news]
prompts:
  default:
    context: "Text: {text}\\nTopic:"
  deu:
    context: "Text: {text}\\nThema:"
    choices: [Sport, Nachrichten]
metric: acc_norm
`;
const rows = (lines: string[]) => `number\tsentence\ttopic\n${lines.join("\n")}\n`;
const options = { shots: 0, seed: 0, prompts: "interlingua" } as const;

describe("a multiple-choice task of one's own", () => {
  test("asks its items with the language's prompt and demonstrations of dev", async () => {
    const base = folderWith({
      "topics.yaml": topics,
      "de/test.tsv": rows(["1\tDas {Spiel} war gut.\tsport", "2\tDie Wahl ist heute.\tnews"]),
      "de/dev.tsv": rows(["3\tTor!\tsport", "4\tNeue Regierung.\tnews"]),
    });
    const task = loadOwnTask(join(base, "topics.yaml"));
    if (task.kind !== "choice") throw new Error("kind");
    expect(task).toMatchObject({
      name: "topics",
      languages: ["en", "de"],
      labels: ["sport", "news"],
      metric: "acc_norm",
    });
    const { examples, sources } = await task.examples({ ...options, folder: "/nowhere", language: "de", shots: 2 });
    expect(examples.map(({ id, label }) => [id, label])).toEqual([
      ["1", 0],
      ["2", 1],
    ]);
    const [first, second] = examples[0]!.requests;
    expect(first!.context.split("\n\n").at(-1)).toBe("Text: Das {Spiel} war gut.\nThema:");
    expect(first!.context.split("\n\n").slice(0, 2).sort()).toEqual([
      "Text: Neue Regierung.\nThema: Nachrichten",
      "Text: Tor!\nThema: Sport",
    ]);
    expect([first!.continuation, second!.continuation]).toEqual([" Sport", " Nachrichten"]);
    expect(sources).toMatchObject([
      { role: "topics", rows: 2 },
      { role: "topics", rows: 2 },
    ]);
  });

  test("its cluster column says which items ask the same", async () => {
    const base = folderWith({
      "topics.yaml": topics.replace("fields:", "cluster: event\nfields:"),
      "en/test.tsv": "number\tevent\tsentence\ttopic\n1\tfinal\tA goal!\tsport\n2\tfinal\tThey won.\tsport\n",
    });
    const task = loadOwnTask(join(base, "topics.yaml"));
    if (task.kind !== "choice") throw new Error("kind");
    const { examples } = await task.examples({ ...options, folder: "/nowhere", language: "en" });
    expect(examples.map(({ id, cluster }) => [id, cluster])).toEqual([
      ["1", "final"],
      ["2", "final"],
    ]);
  });

  test("finds its files in the data folder, too; the choices can be columns", async () => {
    const base = folderWith({
      "gap.yaml": `kind: choice
name: gap
languages: [en]
files: { test: "{language}.jsonl" }
fields: { one: option1, two: option2, text: sentence }
label: answer
labels: [1, 2]
prompts: { default: { continuation: "{text} {choice}.", choices: ["{one}", "{two}"], delimiter: "" } }
`,
    });
    const folder = folderWith({
      "gap/eng.jsonl": '{"sentence": "It is", "option1": "good", "option2": "bad", "answer": 2}\n',
    });
    const task = loadOwnTask(join(base, "gap.yaml"));
    if (task.kind !== "choice") throw new Error("kind");
    const { examples } = await task.examples({ ...options, folder, language: "en" });
    expect(examples).toEqual([
      {
        ...{ id: "0", label: 1, choices: ["It is good.", "It is bad."] },
        requests: [
          { context: "", continuation: "It is good." },
          { context: "", continuation: "It is bad." },
        ],
      },
    ]);
    await expect(task.examples({ ...options, folder: base, language: "en" })).rejects.toThrow(
      /no test or dev file of gap in en\. Expected \{language\}\.jsonl/,
    );
    await expect(task.examples({ ...options, folder, language: "en", prompts: "harness" })).rejects.toThrow(
      "gap has no harness prompts. It has interlingua.",
    );
  });
});

test("a generation task of one's own", async () => {
  const base = folderWith({
    "sums.yaml": `kind: generation
name: sums
languages: [en]
files: { test: sums.tsv }
headerless: [q, a]
fields: { question: q }
answer: a
prompts: { default: { prompt: "{question} =", stop: ["\\n"], maximum_new_tokens: 8 } }
metric: number
`,
    "sums.tsv": "1 + 1\t2\n2 + 2\t4\n3 + 3\t1,006\n",
  });
  const task = loadOwnTask(join(base, "sums.yaml"));
  if (task.kind !== "generation") throw new Error("kind");
  const { examples, stop, maximumNewTokens, score } = await task.examples({
    ...{ ...options, folder: base, language: "en", shots: 1 },
  });
  expect(examples).toHaveLength(2);
  expect(examples[0]!.prompt).toMatch(/^(\d \+ \d = [\d,]+)\n\n\d \+ \d =$/);
  expect({ stop, maximumNewTokens }).toEqual({ stop: ["\n"], maximumNewTokens: 8 });
  expect(score("it is 1006", ["1,006"])).toEqual({ exact_match: 1 });
  expect(score("it is 1007", ["1,006"])).toEqual({ exact_match: 0 });
});

test("a task is found by its name or by its file", async () => {
  const folder = folderWith({ "topics.yaml": topics, "xnli.yml": topics.replace("name: topics", "name: xnli") });
  expect((await findTask("xcopa")).kind).toBe("choice");
  expect((await findTask(join(folder, "topics.yaml"))).name).toBe("topics");
  await expect(findTask(join(folder, "xnli.yml"))).rejects.toThrow("xnli is a task already");
  await expect(findTask("xcoba")).rejects.toThrow("There is no task xcoba. Did you mean xcopa? There are xnli, pawsx");
});

describe("errors say where and what to do", () => {
  const at = (text: string) => {
    const path = join(folderWith({ "t.yaml": text }), "t.yaml");
    return () => loadOwnTask(path);
  };
  test.each([
    [
      topics.replace("labels:", "label_words:"),
      /t\.yaml:7:14: label_words: unknown key label_words\. Known here: kind/,
    ],
    [
      topics.replace("metric: acc_norm", "metrics: acc"),
      /t\.yaml:14:10: metrics: unknown key metrics\. Did you mean metric\?/,
    ],
    [topics.replace("metric: acc_norm", "metric: accuracy"), /t\.yaml:14:9: metric: Invalid option/],
    [
      topics.replace("{text}\\nThema", "{satz}\\nThema"),
      /t\.yaml:12:14: prompts\.deu\.context: there is no \{satz\}\. There are id, text, choice/,
    ],
    [
      topics.replace("[Sport, Nachrichten]", "[Sport, Nachrichten, Wetter]"),
      /prompts\.deu\.choices: expected as many choices as labels, 2, received 3/,
    ],
    [topics.replace("  default:\n", "  fr:\n"), /prompts: there is no prompt for en and no default/],
    [topics.replace("  deu:", "  xyz:"), /prompts\.xyz: Unknown language "xyz"/],
    [topics.replace("German", "Germn"), /t\.yaml:3:17: languages\.1: Unknown language "Germn"\. Nearest: de/],
    [topics.replace("kind: choice\n", ""), /t\.yaml: kind: /],
    [
      topics.replace('    context: "Text: {text}\\nTopic:"', '    continuation: "{text}"'),
      /prompts\.default: neither context nor continuation has \{choice\}/,
    ],
    [topics.replace("text: sentence", "label: sentence"), /t\.yaml:5:\d+: fields\.label: /],
    [`${topics}x: [`, /t\.yaml:1[56]:\d+: /],
  ])("%#", (text, message) => {
    expect(at(text)).toThrow(message);
  });

  test("in the data", async () => {
    const base = folderWith({ "t.yaml": topics, "en/test.tsv": rows(["1\tA.\tweather"]) });
    const task = loadOwnTask(join(base, "t.yaml"));
    if (task.kind !== "choice") throw new Error("kind");
    await expect(task.examples({ ...options, folder: base, language: "en" })).rejects.toThrow(
      /test\.tsv:2: expected the label sport, news, received "weather"/,
    );
  });
});
