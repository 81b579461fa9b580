/** A recipe as its YAML says it; only what variants touch is named. */
export interface AlignmentRecipe {
  model: string;
  seed: number;
  train: { method: Record<string, unknown>; objectives: Record<string, Record<string, unknown> | undefined> };
  data: Record<string, { path?: string; [key: string]: unknown } | undefined>;
  evaluate?: unknown;
}

export interface Variant {
  name: string;
  recipe: "afp.yaml" | "question-translation.yaml";
  /** what it differs in from its recipe */
  about: string;
  change(recipe: AlignmentRecipe): void;
}

const align = "${INTERLINGUA_DATA}/align";
/** mean tokens of a pair of align/parallel, both sentences with their first token */
const tokensOfPair = 15;

function withoutPairs({ train, data }: AlignmentRecipe): void {
  delete train.objectives.contrastive;
  delete data.parallel;
}

/** Only the replayed English tasks stay of the instructions, as many tokens of them and with the same weight as before. */
function withoutInstructions({ train, data }: AlignmentRecipe): void {
  const { weight, batch_tokens: tokens, ...rest } = train.objectives.instruction as Record<string, number>;
  const { share } = (data.replay as { instructions: { share: number } }).instructions;
  train.objectives.instruction = {
    ...rest,
    weight: weight! * share,
    batch_tokens: Math.round(tokens! * share),
  };
  data.instructions = { path: `${align}/replay.jsonl` };
  delete data.replay;
}

/** What demo/afp.yaml is compared with. All have the same replay: English tasks, and text in all ten languages. */
const ofAlignment: readonly Omit<Variant, "recipe">[] = [
  { name: "AFP", about: "demo/afp.yaml as it is", change: () => undefined },
  {
    name: "shuffled pairs",
    about: "each sentence beside the translation of another; all else as in AFP",
    change: ({ data }) => {
      data.parallel!.path = `${align}/shuffled`;
    },
  },
  { name: "contrastive only", about: "no instructions across languages", change: withoutInstructions },
  { name: "instruction only", about: "instructions across languages, no pairs", change: withoutPairs },
  {
    name: "monolingual",
    about: "each instruction in one language, no pairs; as many tokens of it as AFP has of pairs and instructions",
    change: (recipe) => {
      const { pairs_per_batch: pairs } = recipe.train.objectives.contrastive as Record<string, number>;
      withoutPairs(recipe);
      const { instruction } = recipe.train.objectives;
      instruction!.batch_tokens = Number(instruction!.batch_tokens) + pairs! * tokensOfPair;
      recipe.data.instructions = { path: `${align}/within.jsonl` };
    },
  },
  {
    name: "replay only",
    about: "neither pairs nor instructions",
    change: (recipe) => {
      withoutPairs(recipe);
      withoutInstructions(recipe);
    },
  },
  ...[2, 3].map((layer) => ({
    name: `layer ${layer}`,
    about: `pairs are pulled together after block ${layer}`,
    change: ({ train }: AlignmentRecipe) => {
      train.objectives.contrastive!.layer = layer;
    },
  })),
  {
    name: "last pooling",
    about: "a sentence is its last token's state",
    change: ({ train }) => {
      train.objectives.contrastive!.pooling = "last";
    },
  },
  {
    name: "frozen embeddings",
    about: "embeddings, and with them the head, stay",
    change: ({ train }) => {
      train.method.freeze_embeddings = true;
    },
  },
];

const ofQuestions: readonly Omit<Variant, "recipe">[] = [
  { name: "question translation", about: "demo/question-translation.yaml as it is", change: () => undefined },
  {
    name: "shuffled questions",
    about: "each question beside the English of another",
    change: ({ data }) => {
      data.instructions!.path = `${align}/questions-shuffled.jsonl`;
    },
  },
];

export const variants: readonly Variant[] = [
  ...ofAlignment.map((variant) => ({ ...variant, recipe: "afp.yaml" as const })),
  ...ofQuestions.map((variant) => ({ ...variant, recipe: "question-translation.yaml" as const })),
];
