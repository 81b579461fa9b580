import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { interlingua } from "../../test/command.ts";
import { folderWith } from "../../test/folder.ts";
import { writeFiles } from "./data-written.ts";

const items = (code: string, n: number): string =>
  JSON.stringify(
    Array.from({ length: n }, (_, i) => ({
      id: `own-${i}`,
      instruction: `${code} ask ${i}`,
      output: `${code} say ${i}`,
    })),
  );

const data = () =>
  folderWith({
    "b/en.json": items("en", 6),
    "b/de.json": items("de", 5),
    "b/tr.json": items("tr", 6),
    "t.tsv": "a\tb\nalone\n",
  });

const run = (folder: string, ...args: string[]) =>
  interlingua(["data", "build", "afp", "--instructions", "b", "--output", "out", ...args], { cwd: folder });

test("the clean form: a file per language, an account beside it and on stdout, the same bytes again", () => {
  const folder = data();
  const args = ["--mode", "crosslingual", "--languages", "en,German", "tur", "--repeat", "2", "--seed", "5"];
  const first = run(folder, ...args);
  expect(first.code, first.err).toBe(0);
  expect(first.out).toMatch(/^file +rows +pairs +used\nafp\.en-de\.jsonl +\d+ +5 +\d\nafp\.en-tr\.jsonl +\d+ +6 +\d\n/);
  expect(first.out).toMatch(/left out +count +why\nde +1 +absent id\n$/);
  expect(readdirSync(join(folder, "out"))).toEqual(["afp.en-de.jsonl", "afp.en-tr.jsonl", "afp.md"]);
  const texts = () => readdirSync(join(folder, "out")).map((name) => readFileSync(join(folder, "out", name), "utf8"));
  const before = texts();
  expect(before.slice(0, 2).join("").trimEnd().split("\n")).toHaveLength(12);
  expect(Object.keys(JSON.parse(before[0]!.split("\n")[0]!))).toEqual(["sent0", "sent1", "clm_text", "clm_prompt_len"]);
  expect(before[2]).toContain("| de | 1 | absent id |");
  const again = run(folder, ...args, "--json");
  expect(texts()).toEqual(before);
  expect(JSON.parse(again.out)).toMatchObject({
    settings: { mode: "crosslingual", repeat: 2, seed: "5", cross_lingual_share: 0.5, parity: false },
    files: [{ name: "afp.en-de.jsonl", pairs: { available: 5 } }, { name: "afp.en-tr.jsonl" }],
    left_out: [{ language: "de", reason: "absent id", count: 1 }],
    sources: [{ path: "b/en.json", rows: 6 }, {}, {}],
  });
});

test.each<[string[], number, string]>([
  [["-l", "en"], 2, "--languages: mode bilingual needs exactly two different languages, the pivot first; got en."],
  [["-l", "en", "en"], 2, "got en, en."],
  [["-m", "crosslingual", "-l", "en,de"], 2, "needs three or more different languages"],
  [["-m", "translation", "-l", "en,de"], 2, "--translations: mode translation needs parallel text"],
  [["-m", "monolingual"], 2, "Expected one of bilingual, crosslingual, translation."],
  [["-l", "en,de", "-x", "1.5"], 2, "--cross-lingual-share: expected a number from 0 to 1, got 1.5."],
  [["-l", "en,de", "-c", "half"], 2, "Expected a number such as 0.5."],
  [["-l", "en,de", "-r", "0"], 2, "--repeat: expected a number above 0, got 0."],
  [["-l", "en,de", "-s", "-1"], 2, "--seed: expected a whole number from 0 to 2^53, got -1."],
  [["-l", "en,deu", "--parity"], 1, "Did you mean de?"],
  [["-l", "en,xx"], 1, 'Unknown language "xx"'],
  [["-l", "de,en", "--parity"], 1, "needs the same ids in both; found 5 and 6 records"],
  [["-m", "translation", "-l", "en,de", "-t", "t.tsv", "--parity"], 1, "t.tsv:2: expected two columns"],
  [["-l", "en,de", "-o", "t.tsv"], 2, "--output: expected a folder, but t.tsv is a file."],
])("%j is refused, and nothing is written", (args, code, message) => {
  const folder = data();
  const { code: got, out, err } = run(folder, ...args);
  expect(err).toContain(message);
  expect(err).not.toContain("    at ");
  expect(got).toBe(code);
  expect(out).toBe("");
  expect(existsSync(join(folder, "out"))).toBe(false);
});

test("of several files all are written or none; what was there stays", () => {
  const folder = folderWith({ "one.txt": "before" });
  function* failing(): Generator<string> {
    yield "half";
    throw new Error("no more");
  }
  const file = (name: string, pieces: Iterable<string>) => ({ name, pieces });
  expect(() => writeFiles(folder, [file("one.txt", ["after"]), file("two.txt", failing())])).toThrow("no more");
  expect(readdirSync(folder)).toEqual(["one.txt"]);
  expect(readFileSync(join(folder, "one.txt"), "utf8")).toBe("before");
  writeFiles(folder, [file("one.txt", ["a", "é𝄞".repeat(400_000), "z"]), file("sub/two.txt", [])]);
  expect(readFileSync(join(folder, "one.txt"), "utf8")).toBe(`a${"é𝄞".repeat(400_000)}z`);
  expect(readFileSync(join(folder, "sub/two.txt"), "utf8")).toBe("");
});
