import { lensMetrics } from "./lens-metrics.ts";

const number = (description: string) => ({ type: "number", description });
const text = (description: string) => ({ type: "string", description });

const metricNames = Object.entries(lensMetrics).flatMap(([lens, metrics]) =>
  Object.entries(metrics).map(([metric, { unit, about }]) => ({
    const: metric,
    description: `${lens}: ${about} Unit: ${unit}.`,
  })),
);

/** JSON Schema of lens/<model>/<lens>.json, written beside the files so that each can be read without this program. */
export const lensSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "lens/<model>/<lens>.json of an interlingua run folder",
  type: "object",
  required: ["lens", "model", "rows"],
  properties: {
    lens: { enum: Object.keys(lensMetrics) },
    model: {
      type: "object",
      required: ["name", "hash", "stage"],
      properties: {
        name: text("for people"),
        hash: text("sha256 of the weights; its first 12 digits are in the folder's name"),
        stage: { type: "integer", description: "0 before any training; the highest is after" },
      },
    },
    settings: { type: "object", description: "how the lens was asked to look" },
    data: { type: "array", items: { type: "object" }, description: "files that were read, with their sha256" },
    rows: {
      type: "array",
      items: {
        type: "object",
        required: ["layer", "metric", "value"],
        properties: {
          layer: { type: "integer", description: "0 = embedding output, L = last block after the final norm" },
          metric: { anyOf: metricNames },
          value: number("the number"),
          low: number("lower end of its 95 % band over sentences"),
          high: number("upper end"),
          n: { type: "integer", description: "sentences or items behind it" },
          language: text("ISO 639-1 where one exists, else 639-3"),
          pair: text("two languages, such as en-de"),
          pooling: text("how a sentence's states became one vector: last, mean, weighted, max"),
          shuffled: number("mean of the same over shuffled pairs: what no relation gives"),
          shuffled_low: number("lower end of 95 % of the shuffles"),
          shuffled_high: number("upper end"),
          sentence: { type: "integer", description: "of coordinates; parallel sentences share it" },
          script: text('ISO 15924 code of the tokens counted, or "bytes", "special", "none"'),
          token_language: text('language of the tokens counted, or "shared", "unseen"'),
          token: text("a token as people can read it"),
          neuron: { type: "integer", description: "index in its block's feed-forward layer" },
          deactivated: text("language whose neurons were switched off"),
          component: { type: "integer", description: "of explained_variance, from 1" },
        },
      },
    },
  },
} as const;
