/** How a metric's values read. */
export interface LensMetric {
  /** `share`: a fraction from 0 to 1 */
  unit: "share" | "cosine" | "correlation" | "bits" | "nats" | "ratio" | "number" | "coordinate";
  /** one sentence */
  about: string;
}

/** Every metric of every lens: what the files' schema, the tables and the report say about it. */
export const lensMetrics = {
  similarity: {
    retrieval_p1: {
      unit: "share",
      about: "Sentences whose nearest neighbour by cosine is their translation; mean of both directions.",
    },
    retrieval_p1_forward: { unit: "share", about: "The same, looking from the pair's first language." },
    retrieval_p1_backward: { unit: "share", about: "The same, looking from the pair's second language." },
    margin_p1: {
      unit: "share",
      about: "Retrieval by ratio margin over the 4 nearest (Artetxe and Schwenk 2019), which takes hubs into account.",
    },
    csls_p1: { unit: "share", about: "Retrieval by CSLS over the 10 nearest (Conneau et al. 2018)." },
    mexa: {
      unit: "share",
      about:
        "Pairs more similar than any wrong pair of either of their sentences, strictly (MEXA, Kargaran et al. 2025).",
    },
    cosine: { unit: "cosine", about: "Mean cosine of translations." },
    alignment: {
      unit: "number",
      about: "Mean squared distance of translations on the unit sphere (Wang and Isola 2020); 0 is perfect.",
    },
    linear_cka: {
      unit: "share",
      about:
        "Linear centred kernel alignment of the two languages (Kornblith et al. 2019); grows with width / sentences.",
    },
    hubness: {
      unit: "number",
      about:
        "Skewness of how often a sentence is among the 10 nearest of the other language's; high where hubs attract all.",
    },
    anisotropy: {
      unit: "cosine",
      about: "Mean cosine of different sentences of the language; near 1 where all states point one way.",
    },
    uniformity: {
      unit: "nats",
      about: "Log mean Gaussian potential of the language's sentences (Wang and Isola 2020); lower is more spread out.",
    },
    effective_rank: { unit: "number", about: "Directions that the language's sentences use (Roy and Vetterli 2007)." },
    language_id: {
      unit: "share",
      about:
        "Sentences whose language a linear probe tells from their state; no translation of a tested one was trained on.",
    },
  },
  pca: {
    pc1: { unit: "coordinate", about: "Coordinate on the first of the layer's joint principal components." },
    pc2: { unit: "coordinate", about: "Coordinate on the second." },
    tsne1: { unit: "coordinate", about: "Coordinate on a t-SNE map, which is for the eye only." },
    tsne2: { unit: "coordinate", about: "The other coordinate of that map." },
    umap1: { unit: "coordinate", about: "Coordinate on a UMAP, which is for the eye only." },
    umap2: { unit: "coordinate", about: "The other coordinate of that map." },
    explained_variance: { unit: "share", about: "Share of the variance along a component." },
    pca1_pearson: {
      unit: "correlation",
      about: "Correlation of parallel sentences on the first joint component (Zhang et al. 2024).",
    },
  },
  logit: {
    gold_english: { unit: "share", about: "Probability of the tokens that begin the right label in English." },
    gold_own: {
      unit: "share",
      about: "Probability of the tokens that begin the right label in the prompt's language.",
    },
    all_english: { unit: "share", about: "Probability of the tokens that begin any label in English." },
    all_own: { unit: "share", about: "Probability of the tokens that begin any label in the prompt's language." },
    script_mass: { unit: "share", about: "Probability of the tokens of a script." },
    language_mass: {
      unit: "share",
      about: "Probability of the tokens that belong to a language by their use in parallel text.",
    },
    token_mass: { unit: "share", about: "Mean probability of one of the three likeliest tokens." },
    next_token: { unit: "share", about: "Probability of the token that really follows." },
    entropy: { unit: "bits", about: "Entropy of the prediction." },
    energy: {
      unit: "ratio",
      about: "How much of the state the unembedding reads (Wendler et al. 2024); 1 is as much as of its own rows.",
    },
  },
  neurons: {
    specific_neurons: { unit: "share", about: "Neurons of the block that are active beyond the bar in one language." },
    related_neurons: { unit: "share", about: "Neurons active beyond the bar in several languages, not in all." },
    general_neurons: { unit: "share", about: "Neurons active beyond the bar in all languages." },
    inactive_neurons: { unit: "share", about: "Neurons active beyond the bar in no language." },
    activation_entropy: {
      unit: "nats",
      about: "Mean entropy over languages of the neurons' activity; the logarithm of their number where it is even.",
    },
    lape_neurons: {
      unit: "number",
      about: "Neurons of the language in the block by activation probability entropy (LAPE, Tang et al. 2024).",
    },
    lape_neuron: { unit: "nats", about: "Entropy of one of these neurons." },
    kept_neurons: { unit: "share", about: "Of the language's neurons in the first model, those that it still has." },
    deactivation: {
      unit: "bits",
      about:
        "Bits per byte that held-out text costs more where a language's neurons are off; shuffled: as many random ones.",
    },
  },
  drift: {
    weight_change: {
      unit: "ratio",
      about: "Norm of what training added to the block's weights over their own; layer 0: the embeddings.",
    },
    weight_change_attention: { unit: "ratio", about: "The same for the weights of attention." },
    weight_change_feed_forward: { unit: "ratio", about: "The same for the weights of the feed-forward layer." },
    weight_change_final: { unit: "ratio", about: "The same for what follows the last block." },
    cka_before_after: { unit: "share", about: "Linear CKA of the language's sentences before and after." },
    state_cosine: { unit: "cosine", about: "Mean cosine of a token's states before and after." },
    state_change: { unit: "ratio", about: "Mean length of a token's change over that of its state before." },
    entering: {
      unit: "ratio",
      about:
        "The same for what the block changes of itself, given the state before: where the change enters the stream.",
    },
  },
  choose: {
    frozen_p1: {
      unit: "share",
      about: "Retrieval P@1 of held-out sentences, mean over languages and directions, as the model is.",
    },
    aligned_p1: {
      unit: "share",
      about: "The same after a linear map fitted to training pairs; shuffled: fitted to shuffled pairs.",
    },
    aligned_p1_seen: { unit: "share", about: "The same in the languages of the training pairs." },
    aligned_p1_unseen: { unit: "share", about: "The same in languages without pairs." },
    anisotropy: { unit: "cosine", about: "Mean cosine of different sentences of the pivot." },
    rank: { unit: "number", about: "Place in the order of aligned_p1, from 1." },
  },
} as const satisfies Record<string, Record<string, LensMetric>>;

export type LensName = keyof typeof lensMetrics;
export const lensNames = Object.keys(lensMetrics) as LensName[];

/** What is known of a metric, whatever wrote it. */
export const lensMetric = (lens: string, metric: string): LensMetric | undefined =>
  (lensMetrics as Record<string, Record<string, LensMetric>>)[lens]?.[metric];
