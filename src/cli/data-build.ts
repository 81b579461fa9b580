import type { Command } from "commander";

/** The kinds of training data that can be built, each imported only when it is asked for. */
const kinds: { name: string; summary: string; define: (command: Command) => Promise<void> }[] = [
  {
    name: "afp",
    summary: "rows of AFP: sentence pairs with cross-lingual instructions or translations",
    define: async (c) => (await import("./data-build-afp.ts")).define(c),
  },
  {
    name: "question-translation",
    summary: "questions with their translations, without answers",
    define: async (c) => (await import("./data-build-question-translation.ts")).define(c),
  },
];

export async function define(data: Command): Promise<void> {
  const build = data.command("build").description("make training data from other data");
  for (const { name, summary, define: fill } of kinds) await fill(build.command(name).description(summary));
}
