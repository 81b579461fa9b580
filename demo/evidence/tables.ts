import { readFileSync, writeFileSync } from "node:fs";
import type { PairedChange } from "../../src/stats/paired-change.ts";
import { clusters } from "./clusters.ts";
import { difference, type Group, groups, meanOf, runsOf } from "./compare.ts";
import { mixedBase, type ResultLine, readLines } from "./rows.ts";
import { variants } from "./variants.ts";

/** What is measured of every run; first what only English text told. Stories and persons the base model can't do in English. */
export const tasks = [
  ...["fact-in-english", "fact", "cause", "translation"],
  ...["inference-across", "paraphrase-across", "inference", "paraphrase"],
];
const controls = ["shuffled pairs", "contrastive only", "instruction only", "monolingual", "replay only"];
const settings = ["layer 2", "layer 3", "last pooling", "frozen embeddings"];

const percent = (value: number | undefined) => (value === undefined ? "–" : (100 * value).toFixed(1));
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
const markdown = (rows: readonly (readonly string[])[]) =>
  [rows[0]!, rows[0]!.map(() => "---"), ...rows.slice(1)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const measured = (lines: readonly ResultLine[], names: readonly string[]) =>
  names.filter((name) => runsOf(lines, name).length > 0);

/** Accuracy of the base model, of AFP and of what it is compared with. */
export function accuracyTable(lines: readonly ResultLine[], group: Group, names: readonly string[] = controls): string {
  const columns = ["base", "AFP", ...measured(lines, names)];
  const body = tasks.map((task) => {
    const languages = groups[group];
    return [`\`${task}\``, ...columns.map((variant) => percent(meanOf(lines, { variant, task, languages })))];
  });
  return markdown([["", ...columns], ...body.filter((row) => row.some((cell) => /\d/.test(cell)))]);
}

/** A difference with its interval, bold where that excludes zero. */
function margin(found: PairedChange | undefined): string {
  if (found === undefined) return "–";
  const text = `${signed(found.difference)} (${signed(found.low)} to ${signed(found.high)})`;
  return found.low > 0 || found.high < 0 ? `**${text}**` : text;
}

/** AFP less each control on the same seeds and bases. */
export function marginTable(lines: readonly ResultLine[], group: Group, names: readonly string[] = controls): string {
  const columns = measured(lines, ["base", ...names]);
  const body = tasks.map((task) => [
    `\`${task}\``,
    ...columns.map((first) =>
      margin(difference(lines, { first, second: "AFP", task, languages: groups[group] }, clusters)),
    ),
  ]);
  return markdown([["AFP less …", ...columns], ...body.filter((row) => row.some((cell) => /\d/.test(cell)))]);
}

/** P@1 of retrieving the English of a sentence and back, by layer, mean pooling. */
export function retrievalTable(lines: readonly ResultLine[]): string {
  const layers = [...new Set(lines.flatMap(({ task }) => task.match(/^retrieval, layer (\d+)$/)?.[1] ?? []))];
  const columns = measured(lines, ["base", "AFP", ...controls, ...settings]);
  const body = (["aligned", "never aligned"] as const).flatMap((group) =>
    columns.map((variant) => [
      ...[variant, group],
      ...layers.map((layer) =>
        percent(meanOf(lines, { variant, task: `retrieval, layer ${layer}`, languages: groups[group] })),
      ),
    ]),
  );
  return markdown([["", "languages", ...layers.map((layer) => `layer ${layer}`)], ...body]);
}

/** Bits per byte of plain sentences; lower is better. */
export function bitsTable(lines: readonly ResultLine[]): string {
  const columns = measured(lines, ["base", "AFP", ...controls, ...settings]);
  const names = Object.keys(groups) as Group[];
  const body = columns.map((variant) => [
    variant,
    ...names.map(
      (group) => meanOf(lines, { variant, task: "bits per byte", languages: groups[group] })?.toFixed(3) ?? "–",
    ),
  ]);
  return markdown([["", ...names], ...body]);
}

/** What the base model does, also in the tasks that it can't do in English. */
export function baseTable(lines: readonly ResultLine[]): string {
  const names = Object.keys(groups) as Group[];
  const body = [...tasks, "story", "who"].map((task) => [
    `\`${task}\``,
    ...names.map((group) => percent(meanOf(lines, { variant: "base", task, languages: groups[group] }))),
  ]);
  return markdown([["", ...names], ...body]);
}

/** Question translation, its control, and the difference between the two. */
export function questionTable(lines: readonly ResultLine[]): string {
  const asked = ["de", "zh"];
  const others = [...groups.aligned, ...groups["never aligned"]].filter((code) => !asked.includes(code));
  const body = tasks.flatMap((task) =>
    Object.entries({ "German, Chinese": asked, "seven others": others, English: groups.English }).map(
      ([name, languages]) => {
        const found = difference(
          lines,
          { first: "shuffled questions", second: "question translation", task, languages },
          clusters,
        );
        const value = (variant: string) => percent(meanOf(lines, { variant, task, languages }));
        return [
          `\`${task}\``,
          name,
          value("base"),
          value("question translation"),
          value("shuffled questions"),
          margin(found),
        ];
      },
    ),
  );
  const head = ["", "", "base", "question translation", "shuffled questions", "difference of the two"];
  return markdown([head, ...body.filter((row) => row.slice(2).some((cell) => /\d/.test(cell)))]);
}

/** Every run by itself. */
export function runsTable(lines: readonly ResultLine[]): string {
  const shown = ["fact-in-english", "fact", "translation", "inference-across", "inference"];
  const body = measured(lines, ["base", ...variants.map(({ name }) => name)]).flatMap((variant) =>
    runsOf(lines, variant).map((run) => {
      const [base, seed] = run.split(" ").map(Number) as [number, number];
      const at = { variant, bases: [base], seeds: [seed] };
      const cell = (task: string, group: Group) => percent(meanOf(lines, { ...at, task, languages: groups[group] }));
      return [
        ...[variant, String(base), variant === "base" ? "" : String(seed)],
        ...shown.map((task) => `${cell(task, "aligned")} / ${cell(task, "never aligned")} / ${cell(task, "English")}`),
      ];
    }),
  );
  return markdown([["", "base", "seed", ...shown.map((task) => `\`${task}\``)], ...body]);
}

/** The results on each base model by itself and on all together, with the one seed of the alignment that all have. */
function byBase(lines: readonly ResultLine[]): [string, ResultLine[]][] {
  const once = lines.filter(({ seed }) => seed === 0);
  const bases = [...new Set(once.map(({ base }) => base))].sort((a, b) => a - b);
  const own = bases.map((base): [string, ResultLine[]] => [`base ${base}`, once.filter((line) => line.base === base)]);
  return [...own, ["together", once]];
}

/** AFP's margins in aligned languages on each base model. */
export function basesTable(lines: readonly ResultLine[]): string {
  const compared = ["base", "shuffled pairs", "monolingual"];
  const columns = byBase(lines);
  const body = tasks.flatMap((task) =>
    compared.map((first) => {
      const which = { first, second: "AFP", task, languages: groups.aligned };
      return [`\`${task}\``, first, ...columns.map(([, own]) => margin(difference(own, which, clusters)))];
    }),
  );
  return markdown([["", "AFP less …", ...columns.map(([name]) => name)], ...body]);
}

/** A variant less the base model that it began from, on each of them and in all runs. */
export function changeTable(lines: readonly ResultLine[], second: string, group: Group): string {
  const columns = [...byBase(lines), ["all runs", lines] as const];
  const body = tasks.map((task) => {
    const which = { first: "base", second, task, languages: groups[group] };
    return [`\`${task}\``, ...columns.map(([, own]) => margin(difference(own, which, clusters)))];
  });
  return markdown([
    [`${second} less base`, ...columns.map(([name]) => name)],
    ...body.filter((row) => /\d/.test(row[1]!)),
  ]);
}

/** The base model that met its languages more: AFP on it, in languages that it aligns and in those that it does not. */
export function mixedTable(lines: readonly ResultLine[], group: Group): string {
  const value = (variant: string, task: string) => percent(meanOf(lines, { variant, task, languages: groups[group] }));
  const body = tasks.map((task) => {
    const less = (first: string) =>
      margin(difference(lines, { first, second: "AFP", task, languages: groups[group] }, clusters));
    const values = ["base", "AFP", "shuffled pairs"].map((variant) => value(variant, task));
    return [`\`${task}\``, ...values, less("base"), less("shuffled pairs")];
  });
  const retrieval = ["base", "AFP", "shuffled pairs"].map((variant) => value(variant, "retrieval, layer 1"));
  const head = ["", "base", "AFP", "shuffled pairs", "AFP less base", "AFP less shuffled pairs"];
  const rows = [...body, ["retrieval, layer 1", ...retrieval, "", ""]];
  return markdown([head, ...rows.filter((row) => /\d/.test(row[1]!))]);
}

/** Every table of docs/demo.md, by the name in its comment. */
export function tables(lines: readonly ResultLine[]): Record<string, string> {
  const one = lines.filter(({ base }) => base === 0);
  const alike = lines.filter(({ base }) => base !== mixedBase);
  const mixed = lines.filter(({ base }) => base === mixedBase);
  const once = one.filter(({ seed }) => seed === 0);
  return {
    base: baseTable(one),
    "accuracy in aligned languages": accuracyTable(one, "aligned"),
    "margins in aligned languages": marginTable(one, "aligned"),
    "accuracy in languages that were never aligned": accuracyTable(one, "never aligned"),
    "margins in languages that were never aligned": marginTable(one, "never aligned"),
    "accuracy in English": accuracyTable(one, "English"),
    "margins in English": marginTable(one, "English", []),
    "settings, aligned languages": accuracyTable(once, "aligned", settings),
    "settings, languages that were never aligned": accuracyTable(once, "never aligned", settings),
    "margins over settings": marginTable(once, "aligned", settings),
    retrieval: retrievalTable(one),
    bits: bitsTable(one),
    questions: questionTable(one),
    bases: basesTable(alike),
    "bases, shuffled pairs": changeTable(alike, "shuffled pairs", "aligned"),
    "bases, English": changeTable(alike, "AFP", "English"),
    "mixed, aligned languages": mixedTable(mixed, "aligned"),
    "mixed, languages that were never aligned": mixedTable(mixed, "never aligned"),
    "mixed, English": mixedTable(mixed, "English"),
    runs: runsTable(lines),
  };
}

/**
 * Puts the tables into a document, between `<!-- table: NAME -->` and `<!-- end -->`.
 * @throws Error naming a table that there is not
 */
export function filled(text: string, made: Readonly<Record<string, string>>): string {
  return text.replace(/(<!-- table: (.+?) -->\n).*?(<!-- end -->)/gs, (_, start: string, name: string, end: string) => {
    if (made[name] === undefined)
      throw new Error(`no table is called ${name}; there are ${Object.keys(made).join(", ")}`);
    return `${start}${made[name]}\n${end}`;
  });
}

if (process.argv[1]?.endsWith("tables.js")) {
  const [results, document] = process.argv.slice(2) as [string, string];
  writeFileSync(document, filled(readFileSync(document, "utf8"), tables(readLines(readFileSync(results, "utf8")))));
}
