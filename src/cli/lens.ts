import type { Command } from "commander";

/** Every lens is one file, imported when it is asked for. */
const lenses: { name: string; summary: string; define: (command: Command) => Promise<void> }[] = [
  {
    name: "similarity",
    summary: "how close translations are by layer, with controls that tell a merge from a collapse",
    define: async (c) => (await import("./lens-similarity.ts")).define(c),
  },
  {
    name: "pca",
    summary: "maps of sentence states by layer, and how parallel sentences correlate on them",
    define: async (c) => (await import("./lens-pca.ts")).define(c),
  },
  {
    name: "logit",
    summary: "what the model would say after each block: labels, languages, scripts",
    define: async (c) => (await import("./lens-logit.ts")).define(c),
  },
  {
    name: "neurons",
    summary: "which neurons belong to languages, and what switching them off does",
    define: async (c) => (await import("./lens-neurons.ts")).define(c),
  },
  {
    name: "drift",
    summary: "what training moved: weights and states by layer, and where the change enters",
    define: async (c) => (await import("./lens-drift.ts")).define(c),
  },
  {
    name: "choose",
    summary: "where to put the contrastive objective: layers and poolings, ranked from frozen states",
    define: async (c) => (await import("./lens-choose.ts")).define(c),
  },
];

export async function define(command: Command): Promise<void> {
  const asked = process.argv[3];
  for (const { name, summary, define } of lenses) {
    const lens = command.command(name).description(summary).exitOverride();
    if (name === asked || asked === "help") await define(lens);
  }
}
