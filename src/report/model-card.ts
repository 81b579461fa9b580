import type { DataSource } from "../run/records.ts";
import { type CardFacts, frontMatter } from "./card-data.ts";
import type { ReportData, TaskSection } from "./data.ts";
import { count, decimal, list, magnitude, percent, points, probability } from "./format.ts";
import { headlineCells, headlineColumns } from "./headline.ts";
import { languageName } from "./languages.ts";
import { markdownText, table } from "./markdown.ts";
import { metricTitle } from "./titles.ts";

const interval = (low: number, high: number, show: (value: number) => string): string =>
  `${show(low)} to ${show(high)}`;

/** Accuracy per language with the intervals of both ends and of the paired difference. */
function accuracyTable(section: TaskSection): string {
  const estimate = (value: TaskSection["rows"][number]["before"]) =>
    value === undefined ? "–" : `${percent(value.value)} (${interval(value.low, value.high, percent)})`;
  const body = section.rows.map(({ language, before, after, comparison }) => [
    markdownText(`${languageName(language)} (${language})`),
    estimate(before),
    estimate(after),
    points(comparison?.difference),
    comparison === undefined ? "–" : interval(comparison.low, comparison.high, points),
    probability(comparison?.adjusted),
    count((after ?? before)?.n ?? 0),
  ]);
  const head = ["language", "before (95 %)", "after (95 %)", "difference", "95 % interval", "p (Holm)", "n"];
  return `### ${markdownText(`${section.title}, ${metricTitle(section.metric)}`)}\n\n${table(head, body, 1)}`;
}

function measured(report: ReportData): string[] {
  const headline = report.headline.map((row) => [row.measure, row.group, ...headlineCells(row)].map(markdownText));
  const bits = report.bits.map((section) => {
    const body = section.rows.map(({ language, before, after }) => [
      markdownText(`${languageName(language)} (${language})`),
      decimal(before?.value),
      decimal(after?.value),
    ]);
    return `### ${markdownText(section.title)} (lower is better)\n\n${table(["language", "before", "after"], body, 1)}`;
  });
  return [
    "## Before and after",
    `**${markdownText(report.verdict.title)}**`,
    report.verdict.details.map((text) => `- ${markdownText(text)}`).join("\n"),
    ...(headline.length > 0 ? [table(headlineColumns, headline, 2)] : []),
    ...report.tasks.filter(({ primary }) => primary).map(accuracyTable),
    ...bits,
    ...(report.cautions.length > 0
      ? ["## Before you quote these numbers", report.cautions.map((text) => `- ${markdownText(text)}`).join("\n")]
      : []),
  ];
}

/** A card is for others: of a path only its end, as folders above it name a machine. */
const withoutPlaces = (text: string): string =>
  text.replace(/(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][^\s"'/\\]+)+([/\\][^\s"'/\\]+)/g, "…$1");

function dataTable(sources: readonly DataSource[]): string {
  const body = sources.map(({ role, path, language, rows, licence, sha256 }) => [
    markdownText(role),
    markdownText(withoutPlaces(path)),
    language ?? "",
    count(rows),
    markdownText(licence ?? "not stated"),
    sha256.slice(0, 12),
  ]);
  return table(["used for", "file", "language", "rows", "licence", "sha256"], body, 3);
}

/** A code block whose fence is longer than any run of backticks in it. */
function fenced(kind: string, text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}${kind}\n${text.trimEnd()}\n${fence}`;
}

function made({ base, command, versions, mergedLayers, dtype, sha256 }: CardFacts, report: ReportData | undefined) {
  const from = base.hub === undefined ? base.name : `${base.hub}${base.revision ? ` at ${base.revision}` : ""}`;
  const steps = report?.training
    ? ` Trained for ${count(report.training.steps)} steps, ${magnitude(report.training.tokens)} tokens.`
    : "";
  const merged = mergedLayers ? ` A LoRA adapter on ${mergedLayers} layers is folded in, in float32.` : "";
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "## How it was made",
    `${markdownText(`From ${from}.${steps}${merged}`)} Stored as ${dtype}; ${markdownText(software.join(", "))}; sha256 of the weights ${sha256}.`,
    fenced("sh", command),
    ...(report?.run ? ["With this recipe:", fenced("yaml", withoutPlaces(report.run.recipe))] : []),
  ];
}

const scientific = (value: number): string => (value === 0 ? "0" : value.toExponential(1));

function checked({ check, warnings }: CardFacts): string[] {
  const { probes, languages, relativeDifference, tolerance, agreement } = check;
  const among = languages.length > 0 ? ` (${list([...languages])}, and random ids)` : " of random ids";
  return [
    "## Check of this folder",
    `Loaded again and compared with the model in memory on ${probes} probes${among}: logits differ by ${scientific(relativeDifference)} of the largest at most (accepted: ${scientific(tolerance)}), and the most likely token is the same at ${percent(agreement)} of positions. Details are in export_report.json.`,
    ...warnings.map((text) => `> **Note:** ${markdownText(text)}`),
  ];
}

function use({ name, encoder }: CardFacts): string[] {
  const model = encoder ? "AutoModel" : "AutoModelForCausalLM";
  const code = [
    `from transformers import ${model}, AutoTokenizer`,
    "",
    `place = ${JSON.stringify(name)}  # this folder, or its name on the hub`,
    `model = ${model}.from_pretrained(place)`,
    "tokenizer = AutoTokenizer.from_pretrained(place)",
  ];
  return ["## Use", fenced("python", code.join("\n"))];
}

/** README.md of an exported model: what the hub reads on top, then results, data, making and check of it, for people. */
export function modelCard(facts: CardFacts, report?: ReportData): string {
  const { base, family, parameters } = facts;
  const about = `${magnitude(parameters)} parameters, ${family}, made from ${base.hub ?? base.name} with interlingua.`;
  const data = report?.run?.data ?? [];
  const blocks = [
    frontMatter(facts, report),
    `# ${markdownText(facts.name)}`,
    markdownText(about),
    ...(report?.run?.notice ? [`> **Note:** ${markdownText(report.run.notice)}`] : []),
    ...(report ? [markdownText(report.summary)] : []),
    ...use(facts),
    ...(report ? measured(report) : []),
    ...(data.length > 0 ? ["## Data", dataTable(data)] : []),
    ...made(facts, report),
    ...checked(facts),
    "## Licence",
    base.licence === undefined
      ? "That of the base model, and of the data above where it asks for more."
      : `The base model's: ${markdownText(base.licence)}. Data may ask for more; see above.`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
