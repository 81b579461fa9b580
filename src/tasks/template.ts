/**
 * Puts values in the place of `{name}`; `{{` and `}}` are braces. Braces inside the values mean nothing.
 * @throws Error naming a placeholder that has no value
 */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name: string | undefined) => {
    if (name === undefined) return found[0]!;
    const value = values[name];
    if (value !== undefined) return value;
    throw new Error(
      `template ${JSON.stringify(template)}: there is no {${name}}. There are ${Object.keys(values).join(", ")}.`,
    );
  });
}

/** The names in a template's placeholders. */
export const placeholders = (template: string): string[] =>
  [...template.matchAll(/\{\{|\}\}|\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
