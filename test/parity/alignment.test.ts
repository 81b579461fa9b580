import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { centredGram, debiasedCka, linearCka } from "../../src/geometry/cka.ts";
import { csls } from "../../src/geometry/margin.ts";
import { cosineMatrix, retrieval } from "../../src/geometry/retrieval.ts";
import { gaussianKernel, uniformity } from "../../src/geometry/spread.ts";
import { openSafetensors, ops, scope, type Tensor } from "../../src/tensor/index.ts";
import { needs, shared } from "../material.ts";

type Expected = Record<string, number>;

const mean = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;

function measured(u: Tensor, v: Tensor): Expected {
  return scope(() => {
    const cosines = cosineMatrix(u, v);
    const found = retrieval(cosines);
    const scaled = retrieval(csls(cosines, 5));
    const n = u.size(0);
    const matched = ops.sumAll(ops.diagonal(cosines)).item() / n;
    return {
      mexa: mean(found.mutual),
      retrieval_at_1_forward: mean(found.forward),
      retrieval_at_1_backward: mean(found.backward),
      csls_k5_at_1_forward: mean(scaled.forward),
      csls_k5_at_1_backward: mean(scaled.backward),
      mean_cosine_matched: matched,
      alignment_alpha2: 2 - 2 * matched,
      linear_cka: linearCka(centredGram(u), centredGram(v)),
      linear_cka_debiased: debiasedCka(u, v),
      uniformity_t2_source: uniformity(gaussianKernel(cosineMatrix(u, u))),
      uniformity_t2_target: uniformity(gaussianKernel(cosineMatrix(v, v))),
    };
  });
}

function compare(u: Tensor, v: Tensor, expected: Expected, name: string): void {
  for (const [metric, value] of Object.entries(measured(u, v)))
    expect(Math.abs(value - expected[metric]!), `${name} ${metric}`).toBeLessThan(
      1e-9 * Math.max(1, Math.abs(expected[metric]!)),
    );
}

const reference = "reference/metrics/alignment.json";

describe("measures of alignment equal the reference", () => {
  test("on stored states of a model", (context) => {
    needs(context, reference);
    const expected = JSON.parse(readFileSync(shared(reference), "utf8")) as {
      pairs: Record<string, Record<string, { layers: Expected[] }>>;
    };
    const file = openSafetensors(shared("reference/metrics/alignment.safetensors"));
    for (const pooling of ["weighted", "last"])
      for (const row of expected.pairs["en-de"]![pooling]!.layers) {
        const of = (code: string) => file.get(`${pooling}.layer${row.layer}.${code}`);
        compare(of("en"), of("de"), row, `${pooling} ${row.layer}`);
      }
  });

  test("on made-up states: noise, rotation, duplicates, scaling, offset", (context) => {
    needs(context, reference);
    const { synthetic } = JSON.parse(readFileSync(shared(reference), "utf8")) as {
      synthetic: Record<string, Expected>;
    };
    const file = openSafetensors(shared("reference/metrics/alignment.safetensors"));
    const names = Object.keys(synthetic).filter((name) => file.entries.has(`synthetic.${name}.a`));
    expect(names.length).toBeGreaterThan(8);
    for (const name of names)
      compare(file.get(`synthetic.${name}.a`), file.get(`synthetic.${name}.b`), synthetic[name]!, name);
  });
});
