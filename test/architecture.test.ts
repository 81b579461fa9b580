import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** What each stage may import. The order of the keys is the order in which data flows, so there is no cycle. */
const mayImport: Record<string, string[]> = {
  run: [],
  stats: [],
  hub: [],
  tensor: [],
  text: ["hub"],
  nn: ["tensor"],
  geometry: ["tensor", "stats"],
  tasks: ["text", "stats"],
  data: ["text", "tasks", "stats"],
  models: ["tensor", "nn", "text", "hub"],
  objectives: ["tensor", "nn", "models", "data", "geometry"],
  train: ["tensor", "nn", "text", "models", "data", "objectives", "geometry", "run"],
  eval: ["tensor", "nn", "text", "stats", "geometry", "data", "tasks", "models", "run"],
  lenses: ["tensor", "nn", "text", "stats", "geometry", "data", "tasks", "models", "run"],
  report: ["run", "stats"],
  studio: ["run", "report"],
};
const composers = ["recipe", "cli", "index"]; // see every stage
const source = fileURLToPath(new URL("../src", import.meta.url));

const files = (readdirSync(source, { recursive: true }) as string[])
  .filter((path) => path.endsWith(".ts") && statSync(join(source, path)).isFile())
  .map((path) => ({ path, text: readFileSync(join(source, path), "utf8") }));
const production = files.filter(({ path }) => !path.endsWith(".test.ts"));
const stageOf = (path: string) => path.split("/")[0]!.replace(/\.ts$/, "");

test("every stage imports only what flows into it", () => {
  const order = Object.keys(mayImport);
  for (const [stage, allowed] of Object.entries(mayImport))
    for (const from of allowed) expect(order.indexOf(from), `${stage} → ${from}`).toBeLessThan(order.indexOf(stage));
  const violations: string[] = [];
  for (const { path, text } of production) {
    const stage = stageOf(path);
    if (composers.includes(stage)) continue;
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const to = stageOf(relative(source, resolve(dirname(join(source, path)), target!)));
      if (to !== stage && !mayImport[stage]?.includes(to))
        violations.push(`${path}: ${stage} may not import ${to} (${target})`);
    }
  }
  expect(violations).toEqual([]);
});

const importsOf = ({ path, text }: (typeof files)[number]): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, target]) =>
    relative(source, resolve(dirname(join(source, path)), target!)),
  );

test("no file imports itself through others, types included", () => {
  const graph = new Map(production.map((file) => [file.path, importsOf(file)]));
  const finished = new Set<string>();
  const walk = (path: string, trail: string[]): void => {
    expect(trail, [...trail.slice(trail.indexOf(path)), path].join(" → ")).not.toContain(path);
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
});

test("only tensor/ loads the addon, nothing imports the command line", () => {
  for (const { path, text } of production) {
    if (stageOf(path) !== "tensor") expect(text, path).not.toMatch(/createRequire|\.node"/);
    if (stageOf(path) !== "cli") expect(text, path).not.toMatch(/from "[^"]*\/cli\//);
  }
});

test("house rules: size budgets, no utils, no inheritance but from Error, no default exports", () => {
  const lengths = production.map(({ text }) => text.split("\n").length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(150);
  for (const { path, text } of production) {
    expect(text.split("\n").length, `${path} has too many lines`).toBeLessThanOrEqual(400);
    expect(path).not.toMatch(/(^|\/)(utils?|common|helpers?|core|misc)(\/|\.)/);
    for (const [, base] of text.matchAll(/class \w+(?:<[^>]*>)? extends (\w+)/g)) expect(base, path).toMatch(/Error$/);
    expect(text, path).not.toMatch(/^export default/m);
  }
});
