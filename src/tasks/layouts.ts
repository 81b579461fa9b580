import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { language } from "../text/languages.ts";
import type { Split } from "./row.ts";

/** Where the files of a task are below the data folder. */
export interface Layout {
  /** the task's folders, in the order in which they are tried */
  folders: readonly string[];
  /** the publisher's own names below those folders; `*` is the language */
  official: Partial<Record<Split, readonly string[]>>;
  /** the task's name in files as lm-evaluation-harness names its tasks: xnli for xnli_de.validation.jsonl */
  harness?: string;
  /** what the hub calls a split where it is not train, validation and test */
  hub?: Partial<Record<Split, string>>;
  /** code → spellings of the language in this task's files, beside code, ISO 639-3 and FLORES code */
  spellings?: Readonly<Record<string, readonly string[]>>;
}

const hubNames: Record<Split, string> = { train: "train", dev: "validation", test: "test" };

/** `@` stands for the numbers of shards, such as -00000-of-00001 */
const hubPatterns = (split: string): string[] => [
  ...["tsv", "jsonl", "json", "parquet"].map((extension) => `*/${split}.${extension}`),
  `*/${split}@.parquet`,
  `*/${split}/0000.parquet`,
  ...["tsv", "jsonl", "json"].map((extension) => `${split}-*.${extension}`),
  `${split}/*.jsonl`,
  `*.${split}.jsonl`,
];

/** Every path that a split of a task may have, `*` for the language. */
export function patterns({ folders, official, harness, hub }: Layout, split: Split): string[] {
  const hubName = hub?.[split] ?? hubNames[split];
  const names = [
    ...(official[split] ?? []),
    ...(harness === undefined ? [] : [`${harness}_*.${hubName}.jsonl`]),
    ...new Set([hubName, split].flatMap(hubPatterns)),
  ];
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** The first of the paths below a folder that is there, with all its shards; undefined where none is. */
export function findFiles(
  folder: string,
  code: string,
  wanted: readonly string[],
  spellings: Layout["spellings"] = {},
): string[] | undefined {
  const { iso3, flores } = language(code);
  const forms = [...new Set([code, iso3, flores, ...(spellings[code] ?? [])])];
  for (const pattern of wanted)
    for (const form of pattern.includes("*") ? forms : [code]) {
      const found = expand(join(folder, pattern.replaceAll("*", form)));
      if (found.length > 0) return found;
    }
  return undefined;
}

function expand(path: string): string[] {
  if (!path.includes("@")) return existsSync(path) ? [path] : [];
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  const [before, after] = path.slice(folder.length + 1).split("@") as [string, string];
  const shard = /^-\d{5}-of-\d{5}$/;
  return readdirSync(folder)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .filter((name) => shard.test(name.slice(before.length, name.length - after.length)))
    .sort()
    .map((name) => join(folder, name));
}
