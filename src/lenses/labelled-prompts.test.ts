import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { labelledPrompts } from "./labelled-prompts.ts";

const taskFile = (context: string) => `kind: choice
name: foods
languages: [en, de]
files: { test: "foods/{language}.jsonl" }
fields: { id: id, prompt: prompt, a: a, b: b }
label: label
labels: [0, 1]
prompts:
  default:
    context: "${context}"
    choices: ["{a}", "{b}"]
`;
const line = (id: string, prompt: string, label: number, a: string, b: string) =>
  `${JSON.stringify({ id, prompt, label, a, b })}\n`;
const english = line("1", "Mother likes", 0, "corn", "honey") + line("2", "Father likes", 1, "bread", "cheese");
const german = line("2", "Vater mag", 1, "Brot", "Käse") + line("1", "Mutter mag", 0, "Mais", "Honig");
const folder = (de: string, context = "{prompt}") =>
  folderWith({ "foods.yaml": taskFile(context), "foods/en.jsonl": english, "foods/de.jsonl": de });
const read = (place: string) =>
  labelledPrompts({
    data: "",
    task: join(place, "foods.yaml"),
    languages: ["deu"],
    limit: undefined,
    shots: 0,
    prompts: "question-translation",
    seed: 0,
  });

test("a task file gives prompts with their own labels, and those of the same items in English", async () => {
  const { sets, sources } = (await read(folder(german)))!;
  expect(sets).toEqual([
    {
      language: "de",
      distinct: true,
      items: [
        { prompt: "Vater mag", gold: 1, words: ["Brot", "Käse"], english: ["bread", "cheese"] },
        { prompt: "Mutter mag", gold: 0, words: ["Mais", "Honig"], english: ["corn", "honey"] },
      ],
    },
  ]);
  expect(sources.map(({ rows }) => rows)).toEqual([2]);
});

test("items that are not the same in English, or whose label does not end the prompt, are refused", async () => {
  await expect(read(folder(line("3", "Katze mag", 0, "Brot", "Honig")))).rejects.toThrow("item 3: expected the same");
  await expect(read(folder(line("2", "Vater mag", 0, "Käse", "Brot")))).rejects.toThrow("its choices differ");
  await expect(read(folder(german, "{prompt} {choice}, yes"))).rejects.toThrow("its prompts differ between choices");
});
