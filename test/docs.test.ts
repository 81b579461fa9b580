import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { recipeJsonSchema, recipeKeys, recipeMarkdown } from "../src/recipe/describe.ts";
import { readRecipe } from "../src/recipe/read.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("docs/recipe.md is what the schema says", () => {
  expect(readFileSync(`${root}docs/recipe.md`, "utf8")).toBe(recipeMarkdown());
});

/** Names of all properties, wherever they stand in a JSON Schema. */
function propertyNames(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]) => [
    ...(key === "properties" ? Object.keys(inner as object) : []),
    ...propertyNames(inner),
  ]);
}

test("no key of the schema is left out, those of lists included", () => {
  const described = new Set(recipeKeys().map(({ key }) => key.split(".").at(-1)));
  expect(propertyNames(recipeJsonSchema()).filter((name) => !described.has(name))).toEqual([]);
  expect(recipeKeys().map(({ key }) => key)).toContain("train.development.tasks[].split");
});

test("every key has a sentence", () => {
  expect(
    recipeKeys()
      .filter(({ text }) => text === "")
      .map(({ key }) => key),
  ).toEqual([]);
});

const names = readdirSync(`${root}recipes`).map((file) => file.replace(".yaml", ""));

test.each(names)("recipe %s is valid, found by its name and named so", (name) => {
  expect(readRecipe(name).name).toBe(name);
  const head = readFileSync(`${root}recipes/${name}.yaml`, "utf8");
  // what it needs and how to start it stand in its head
  expect(head).toMatch(/^# /);
  expect(head).toMatch(/# .*Files:/);
  expect(head).toContain("interlingua");
});
