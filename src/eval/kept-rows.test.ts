import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { readLines } from "../run/lines.ts";
import { type KeptRow, keepRows } from "./kept-rows.ts";

interface Row extends KeptRow {
  length: number;
}

test("rows keep their item's cluster, and are answered again where it is another", async () => {
  const path = join(folderWith(), "rows.jsonl");
  let answered = 0;
  const keep = (items: readonly { id: string; cluster?: string }[]) =>
    keepRows<{ id: string; cluster?: string }, Row>(items, {
      ...{ path, setup: "s", group: 1, fingerprint: ({ id }) => `asked ${id}` },
      answer: async (some) => {
        answered += some.length;
        return some.map(({ id }) => ({ length: id.length }));
      },
    });
  const first = await keep([{ id: "a", cluster: "fact" }, { id: "bb" }]);
  expect(first).toEqual([
    { id: "a", cluster: "fact", length: 1, requests: "asked a", setup: "s" },
    { id: "bb", length: 2, requests: "asked bb", setup: "s" },
  ]);
  expect(readLines<Row>(path)).toEqual(first);
  await keep([{ id: "a", cluster: "fact" }, { id: "bb" }]);
  expect(answered).toBe(2);
  const [again] = await keep([{ id: "a", cluster: "other" }, { id: "bb" }]);
  expect([answered, again!.cluster]).toEqual([3, "other"]);
  expect(readLines<Row>(path)).toHaveLength(2);
});
