import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readLines } from "../demo/evidence/rows.ts";
import { commandFaults } from "./docs/commands.ts";
import { demoTable } from "./docs/demo-table.ts";
import { linkFaults, treeFaults } from "./docs/links.ts";
import { type Page, parsePage, readPage } from "./docs/page.ts";
import { filesBelow, root } from "./docs/repository.ts";
import { dataFaults, kindFaults, typeScriptFaults } from "./docs/snippets.ts";
import { likeClone, walk } from "./docs/walk.ts";
import { folderWith } from "./folder.ts";

const paths = ["README.md", "AGENTS.md", ...filesBelow("docs/").filter((path) => path.endsWith(".md"))];
const pages = paths.map((path) => readPage(root, path));

/** Everything that can be wrong with a page before anything runs, but for its TypeScript. */
const faultsOf = async (page: Page): Promise<string> =>
  [
    ...kindFaults(page),
    ...(await commandFaults(page)),
    ...(await dataFaults(page)),
    ...linkFaults(page),
    ...treeFaults(page),
  ].join("\n");

test.each(pages)("commands, files, recipes and links of $path", async (page) => {
  expect(await faultsOf(page)).toBe("");
});

test("the docs' TypeScript compiles against the public exports", async () => {
  expect((await typeScriptFaults(pages)).join("\n")).toBe("");
});

test("README's tree has every folder of src", () => {
  const folders = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.filter(({ name }) => !pages[0]!.text.includes(`\nsrc/${name}/ `))).toEqual([]);
});

test("README's table of the demo is that of demo/results.tsv", () => {
  const lines = readLines(readFileSync(`${root}demo/results.tsv`, "utf8"));
  const { shown, expected } = demoTable(pages[0]!.text, lines);
  expect(shown.length).toBeGreaterThan(4);
  expect(shown).toEqual(expected);
  const changed = pages[0]!.text.replace(shown[0]!.split(" | ")[2]!, "99.9");
  expect(demoTable(changed, lines).shown).not.toEqual(expected);
});

const walked = pages.filter(({ blocks }) => blocks.some(({ marks }) => marks.includes("runs")));

test.each(walked)(
  "what $path says to type runs in a clone",
  (page) => {
    const folder = folderWith();
    likeClone(folder);
    expect(walk(page, folder).join("\n")).toBe("");
  },
  400_000,
);

const code = (language: string, ...lines: string[]): string => ["```".concat(language), ...lines, "```", ""].join("\n");

/** Pages with one fault each, and what is to be said of it. */
const faulty: [string, string, RegExp][] = [
  [
    "an unknown flag",
    "    node bin/interlingua.js eval --model M --tasks xnli --langauges de\n",
    /page.md:1: .*--langauges/,
  ],
  ["an unknown verb", "    interlingua evaluate --model M\n", /unknown command 'evaluate'/],
  ["a missing flag", "    interlingua eval --model M\n", /required option '--tasks/],
  ["a value that is none", "    interlingua generate --model M --beams many\n", /argument 'many' is invalid/],
  ["an argument too many", "    interlingua inspect M M\n", /too many arguments/],
  ["a misspelt program", "\n    interlinga doctor\n", /page.md:2: interlinga: no known program/],
  ["an absent file", "    interlingua data inspect pairs/en-de.tsv\n", /pairs\/en-de.tsv: neither in a clone nor made/],
  [
    "a file made too late",
    "    cat runs/a/x.json\n    interlingua report RUN --output runs/a\n",
    /page.md:1: runs\/a\/x.json/,
  ],
  [
    "an absent recipe",
    "    interlingua align recipes/afb.yaml --dry-run\n",
    /recipes\/afb.yaml: there is no such file/,
  ],
  ["a key that is none, set", "    interlingua align afp --dry-run --set train.steps=3\n", /unknown key steps/],
  ["an unknown script", "    npm run dmeo\n", /npm run dmeo: package.json has no such script/],
  ["an absent program file", "    node scripts/set-up.mjs\n", /scripts\/set-up.mjs: neither/],
  ["a study without its time", "    interlingua study recipes/afp-small.yaml\n", /does not say how long/],
  ["a recipe's key", code("yaml", "name: a", "model: m", "trian: {}"), /unknown key trian. Did you mean train/],
  ["a part of a recipe", code("yaml", "train:", "  max_stpes: 3"), /unknown key max_stpes/],
  ["a task's key", code("yaml", "kind: choice", "name: a", "promts: {}"), /unknown key promts/],
  ["broken JSON", code("json", '{"a": }'), /page.md:2: .*JSON/],
  ["a fence of no kind", code("python", "print(1)"), /a fence is one of sh/],
  ["a dead link", "See [there](gone.md).\n", /there is no docs\/gone.md/],
  ["a dead anchor", "See [there](install.md#nowhere).\n", /has no such heading/],
  ["a tree with a folder that is gone", code("text", "src/gone/    what was there"), /there is no src\/gone/],
];

test.each(faulty)("%s is found", async (_, text, expected) => {
  expect(await faultsOf(parsePage("docs/page.md", text))).toMatch(expected);
});

test("TypeScript that does not fit the exports is found, with its line", async () => {
  const text = code(
    "ts",
    'import { loadModel } from "interlingua";',
    "await loadModel(3);",
    'import "./src/run/folder.ts";',
  );
  const [first, second] = await typeScriptFaults([parsePage("docs/page.md", text)]);
  expect(first).toMatch(/^docs\/page.md:3: TS2345/);
  expect(second).toMatch(/^docs\/page.md:4: TS/);
});

test("a command that fails, and an output that is another, are found", () => {
  const failing = parsePage("page.md", "<!-- runs -->\n\n    node bin/interlingua.js inspect nowhere\n");
  const other = parsePage(
    "page.md",
    ["<!-- runs -->", "", "    echo one 1", "", "<!-- prints -->", "", code("text", "two 2")].join("\n"),
  );
  const folder = folderWith();
  likeClone(folder);
  expect(walk(failing, folder).join()).toMatch(/^page.md:3: exit code [12]\n/);
  expect(walk(other, folder).join()).toMatch(/^page.md:8: shown is\ntwo #\nprinted was\none #/);
});

test("what is right passes: placeholders, synopses, snippets that are files, here-documents, files made before", async () => {
  const text = [
    "    node bin/interlingua.js data inspect PATH… [--as parallel|text] [--json]\n",
    "    interlingua data build afp …\n",
    code("yaml", "# my.yaml", "name: mine", "model: m"),
    code(
      "sh",
      "cat > a.jsonl <<'END'",
      '{"no": command}',
      "END",
      "cat a.jsonl | head -1",
      "interlingua align my.yaml --dry-run",
    ),
    "    interlingua export runs/mine --output OUT   # made by align\n",
  ].join("\n");
  expect(await faultsOf(parsePage("docs/page.md", text))).toBe("");
});
