import type { Command } from "commander";
import { resolveModel } from "../hub/resolve.ts";
import { type Inspection, inspectModel, type Need } from "../models/inspection.ts";
import { list, whole, wholes } from "./options.ts";
import { alignedTable } from "./table.ts";

interface Options {
  json?: boolean;
  rows: number;
  lengths: number[];
  rank: number;
  targets?: string[];
}

/** As many as recipes keep by default (train.save_total_limit). */
const keptCheckpoints = 2;

const grouped = (n: number): string => n.toLocaleString("en-US");

function size(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function facts(inspection: Inspection): string[][] {
  const { files, stored, tokenizer, key_value_heads: groups, positions } = inspection;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const types = stored.map(({ dtype, tensors }) => `${grouped(tensors)} tensors ${dtype}`).join(", ");
  const where = files.length === 1 ? files[0]!.name : `${files.length} files`;
  const ids = tokenizer?.vocabulary === undefined ? "" : `${grouped(tokenizer.vocabulary)} ids, `;
  const heads = { true: "head tied to the embedding", false: "a head of its own", undefined: "no head: an encoder" };
  return [
    ["family", inspection.family],
    ["layers L", grouped(inspection.layers)],
    ["width D", grouped(inspection.width)],
    ["heads H", `${inspection.heads}${groups === undefined ? "" : `, ${groups} of keys and values`}`],
    ["vocabulary V", `${grouped(inspection.vocabulary)}, ${heads[`${inspection.tied_head}`]}`],
    ["positions", positions === undefined ? "no end" : grouped(positions)],
    ["tokenizer", tokenizer === undefined ? "none" : `${ids}${tokenizer.file} ${size(tokenizer.bytes)}`],
    ["on disk", `${size(bytes)} in ${where}: ${types}`],
  ];
}

function parameterTable({ parameters, layers }: Inspection): string {
  const row = (name: string, n: number) => [name, grouped(n), `${((100 * n) / parameters.total).toFixed(1)} %`];
  return alignedTable(
    ["parameters", "", ""],
    [
      row("embedding", parameters.embedding),
      row(`${layers} blocks of ${grouped(parameters.block)}`, parameters.blocks),
      ...(parameters.head > 0 ? [row("head", parameters.head)] : []),
      row("other", parameters.other),
      row("total", parameters.total),
    ],
  );
}

const tasks = { score: "scoring", states: "sentence vectors", lora: "LoRA", full: "full tuning" };

/** A unit for a table's figures, so that they stand under one another. */
function inUnit(most: number): { unit: string; figure: (bytes: number) => string } {
  const [unit, divisor, digits] =
    most < 10e6 ? (["kB", 1e3, 0] as const) : most < 20e9 ? (["MB", 1e6, 0] as const) : (["GB", 1e9, 1] as const);
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return { unit, figure: (bytes) => (bytes / divisor).toLocaleString("en-US", format) };
}

function memoryTable({ memory }: Inspection): string {
  const { unit, figure } = inUnit(Math.max(...memory.needs.map(({ total }) => total)));
  const lengths = [...new Set(memory.needs.map(({ length }) => length))];
  const rows = new Map<string, string[]>();
  const name = ({ task, gradient_checkpointing: checkpointing }: Need) =>
    `${tasks[task]}${checkpointing ? ", checkpointing" : ""}`;
  for (const need of memory.needs) {
    const key = `${name(need)} ${need.dtype}`;
    const row = rows.get(key) ?? [name(need), need.dtype];
    rows.set(key, [...row, figure(need.total)]);
  }
  const title = `memory in ${unit}, ${memory.rows} rows of`;
  return alignedTable([title, "", ...lengths.map((length) => `${grouped(length)} tokens`)], [...rows.values()]);
}

function diskTable({ disk, lora }: Inspection): string {
  const { unit, figure } = inUnit(disk.full.checkpoints_at_most);
  const row = (name: string, { checkpoint, checkpoints_at_most: most, result }: Inspection["disk"]["full"]) => [
    name,
    ...[checkpoint, most, result].map(figure),
  ];
  const update = `LoRA, rank ${lora.rank} on ${lora.targets.join(", ")}`;
  return alignedTable(
    [`disk in ${unit}`, "a checkpoint", "all at most", "result"],
    [row("full tuning", disk.full), row(`${update}: ${grouped(lora.parameters)} parameters`, disk.lora)],
  );
}

const text = (inspection: Inspection): string =>
  [
    `${inspection.model}\n`,
    alignedTable(["", ""], facts(inspection)),
    `\n${parameterTable(inspection)}`,
    `\n${memoryTable(inspection)}`,
    `\n${diskTable(inspection)}`,
  ].join("");

export function define(command: Command): void {
  command
    .argument("<model>", "Hugging Face folder or hub id")
    .option("--json", "one JSON document: counts, and bytes")
    .option("--rows <n>", "rows of the batch whose memory is estimated", whole(1), 8)
    .option("--lengths <list>", "tokens per row", wholes, [128, 512, 2048])
    .option("--rank <n>", "rank of the LoRA update", whole(1), 8)
    .option("--targets <list>", "layers of the LoRA update; by default the projections of queries and values", list)
    .addHelpText("after", "\nReads headers and config only. What is counted: docs/model-files.md.")
    .action(async (model: string, options: Options) => {
      const inspection = inspectModel(await resolveModel(model), { ...options, kept: keptCheckpoints });
      process.stdout.write(options.json ? `${JSON.stringify(inspection, null, 2)}\n` : text(inspection));
    });
}
