import { z } from "zod";
import { recipeSchema } from "./schema.ts";

/** One key of a recipe, for help and docs. */
export interface KeyDescription {
  key: string;
  type: string;
  default?: unknown;
  text: string;
}

interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
}

/** JSON Schema (draft 2020-12) of a recipe, for editors. */
export const recipeJsonSchema = (): JsonSchema => z.toJSONSchema(recipeSchema, { io: "input" }) as JsonSchema;

function typeName(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return [...new Set(options.map(typeName))].join(" | ");
  if (schema.type === "array") return `list of ${schema.items === undefined ? "values" : typeName(schema.items)}`;
  if (schema.type === "object") return "mapping";
  return Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "any");
}

function describe(schema: JsonSchema, prefix: string): KeyDescription[] {
  const options = (schema.anyOf ?? schema.oneOf ?? []).filter((option) => option.properties !== undefined);
  const seen = new Map<string, string | undefined>();
  return [schema, ...options].flatMap((node) =>
    Object.entries(node.properties ?? {}).flatMap(([name, inner]) => {
      const key = prefix === "" ? name : `${prefix}.${name}`;
      // a key of two kinds stands twice only where it means two things
      if (seen.has(key) && seen.get(key) === inner.description && inner.const === undefined) return [];
      seen.set(key, inner.description);
      const row: KeyDescription = { key, type: typeName(inner), text: inner.description ?? "" };
      if (inner.default !== undefined) row.default = inner.default;
      return [row, ...describe(inner, key), ...describe(inner.items ?? {}, `${key}[]`)];
    }),
  );
}

/** Every key of a recipe with type, default and one sentence. */
export const recipeKeys = (): KeyDescription[] => describe(recipeJsonSchema(), "");

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** docs/recipe.md: the same, as a page. */
export function recipeMarkdown(): string {
  const rows = recipeKeys().map(({ key, type, default: value, text }) => {
    const isMapping = typeof value === "object" && !Array.isArray(value);
    const shown = value === undefined || isMapping ? "" : `\`${JSON.stringify(value)}\``;
    return `| \`${key}\` | ${cell(type)} | ${shown} | ${cell(text)} |`;
  });
  return `# Recipe keys

Every key of a recipe, from the schema alone (\`interlingua recipe markdown\` writes this page, a test compares it). A mapping
that stands under several kinds shows the keys of all of them. \`interlingua recipe schema\` is the JSON Schema for editors.

| key | type | default | |
|---|---|---|---|
${rows.join("\n")}
`;
}
