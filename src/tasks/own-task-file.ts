import { existsSync, readFileSync } from "node:fs";
import { LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { editDistance } from "../text/edit-distance.ts";
import { knownKeys, type OwnTaskFile, ownTaskSchema } from "./own-task-schema.ts";

/** A task file with the places of its keys. */
export interface PlacedTaskFile {
  file: OwnTaskFile;
  /** an error about a key, with file, line and column */
  wrong(keys: Path, text: string): Error;
}

type Path = readonly (string | number)[];

function hint(key: string, path: Path): string {
  const known = knownKeys[path.length === 0 ? "" : String(path[0])] ?? [];
  const near = known
    .map((name) => ({ name, distance: editDistance(key, name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near && near.distance <= Math.max(2, key.length / 3)) return ` Did you mean ${near.name}?`;
  return known.length > 0 ? ` Known here: ${known.join(", ")}.` : "";
}

const told = (issue: z.core.$ZodIssue): { path: Path; text: string }[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => ({
        path: [...(issue.path as Path), key],
        text: `unknown key ${key}.${hint(key, issue.path as Path)}`,
      }))
    : [{ path: issue.path as Path, text: issue.message }];

/**
 * Reads and checks a task file.
 * @throws Error with file, line and column, what was expected and the nearest known key
 */
export function readTaskFile(path: string): PlacedTaskFile {
  if (!existsSync(path)) throw new Error(`${path}: there is no such task file.`);
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, "utf8"), { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const locate = (keys: Path): string => {
    for (let depth = keys.length; depth > 0; depth--) {
      const node = document.getIn(keys.slice(0, depth), true) as ParsedNode | undefined;
      if (node?.range) return at(node.range[0]);
    }
    return path;
  };
  const [broken] = document.errors;
  if (broken) throw new Error(`${at(broken.pos[0])}: ${broken.message.split("\n")[0]}`);
  const line = (keys: Path, text: string) => `${locate(keys)}: ${keys.join(".") || "task"}: ${text}`;
  const parsed = ownTaskSchema.safeParse(document.toJS());
  if (parsed.success) return { file: parsed.data, wrong: (keys, text) => new Error(line(keys, text)) };
  throw new Error(
    parsed.error.issues
      .flatMap(told)
      .map(({ path: keys, text }) => line(keys, text))
      .join("\n"),
  );
}
