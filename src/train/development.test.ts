import { describe, expect, test } from "vitest";
import { best, type DevelopmentRecord, developmentSettings, forgotten, merit, reasonToStop } from "./development.ts";

const settings = (more: object = {}) => developmentSettings.parse({ ...more });
const record = (step: number, loss: number, lost: Record<string, number> = {}): DevelopmentRecord => ({
  step,
  metrics: { loss, "contrastive.accuracy": 1 / (1 + loss), "bits_per_byte.en": 2 },
  forgotten: lost,
});

describe("the best checkpoint", () => {
  const records = [record(0, 1), record(10, 3), record(20, 2), record(30, 2.5)];

  test("is trained, and has the least loss or the highest accuracy", () => {
    expect(best(records, settings())?.step).toBe(20);
    expect(best(records, settings({ metric: "contrastive.accuracy" }))?.step).toBe(20);
    expect(best([record(0, 1)], settings())).toBeUndefined();
  });

  test("a metric that nothing measures is refused with what is measured", () => {
    expect(() => merit(records[0]!, "xnli")).toThrow(
      "metric: xnli is not measured; measured: bits_per_byte.en, contrastive.accuracy, loss.",
    );
  });

  test("rolling back, one beyond the budget is no candidate; stopping, it is", () => {
    const text = { path: "x", languages: ["en"] };
    const all = [record(0, 9), record(10, 3), record(20, 2, { en: 0.2 })];
    const guarded = (action: string) => settings({ text, guard: { languages: ["en"], action } });
    expect(best(all, guarded("roll_back"))?.step).toBe(10);
    expect(best(all, guarded("stop"))?.step).toBe(20);
    expect(reasonToStop(all, guarded("stop"))).toBe("bits per byte rose beyond the guard's budget: en +20.0 %");
  });
});

test("patience counts the evaluations since the best one", () => {
  const patient = settings({ patience: 2 });
  const records = [record(0, 9), record(10, 3), record(20, 4)];
  expect(reasonToStop(records, patient)).toBeUndefined();
  records.push(record(30, 3.5));
  expect(reasonToStop(records, patient)).toBe("loss has not become better in 2 evaluations");
  expect(reasonToStop(records, settings())).toBeUndefined();
});

test("forgotten is what rose by more than the budget against the untrained model", () => {
  const guard = { languages: ["en", "de"], budget: 0.05, task_budget: 0.05, action: "stop" as const };
  const base = { "bits_per_byte.en": 2, "bits_per_byte.de": 1 };
  expect(forgotten({ "bits_per_byte.en": 2.2, "bits_per_byte.de": 1.04 }, base, guard)).toEqual({ en: 2.2 / 2 - 1 });
  expect(forgotten(base, base, undefined)).toEqual({});
});

test("figures of tasks may fall by their own budget, in the guarded languages only", () => {
  const guard = { languages: ["en"], budget: 0.05, task_budget: 0.05, action: "stop" as const };
  const base = {
    "xnli.en.accuracy": 0.6,
    "xnli-4shot.en.accuracy": 0.6,
    "xnli.de.accuracy": 0.6,
    "xnli.accuracy": 0.6,
  };
  const now = {
    "xnli.en.accuracy": 0.5,
    "xnli-4shot.en.accuracy": 0.55,
    "xnli.de.accuracy": 0.1,
    "xnli.accuracy": 0.3,
  };
  const lost = forgotten(now, base, guard);
  expect(lost).toEqual({ "xnli.en.accuracy": 0.6 - 0.5 });
  expect(reasonToStop([record(0, 1), record(10, 1, lost)], settings())).toBe(
    "fell beyond the guard's budget: xnli.en.accuracy by 10.0 points",
  );
  const by = settings({ metric: "xnli.de.accuracy" });
  const of = (step: number, value: number) => ({ step, metrics: { "xnli.de.accuracy": value }, forgotten: {} });
  expect(best([of(0, 0.9), of(1, 0.5), of(2, 0.7), of(3, 0.6)], by)?.step).toBe(2);
});
