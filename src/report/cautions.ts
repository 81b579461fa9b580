import type { ReportData, TaskSection } from "./data.ts";
import { count, countWord, languageCount, list, points, sentenceCase } from "./format.ts";
import type { MeasuredModels } from "./models.ts";
import { shortTitle } from "./titles.ts";

/** "three of twelve languages on XNLI and one of five on PAWS-X" */
function whereFlagged(sections: TaskSection[], flag: string): string | undefined {
  const found = sections.flatMap((section) => {
    const flagged = section.rows.filter((row) => row.flags.includes(flag)).length;
    return flagged > 0 ? [{ flagged, of: section.rows.length, title: shortTitle(section, sections) }] : [];
  });
  if (found.length === 0) return undefined;
  return list(found.map(({ flagged, of, title }) => `in ${countWord(flagged)} of ${languageCount(of)} on ${title}`));
}

function chanceAndBias(sections: TaskSection[]): string[] {
  const stuck = whereFlagged(sections, "at chance");
  const biased = whereFlagged(sections, "one label");
  return [
    ...(stuck ? [`Accuracy is not distinguishable from guessing ${stuck}; small differences there mean little.`] : []),
    ...(biased ? [`One and the same label is given for more than 90\u202f% of the examples ${biased}.`] : []),
  ];
}

/** The effects that single languages could hide, worth a word where they are not small. */
function smallestEffects(sections: TaskSection[]): string[] {
  const found = sections.flatMap((section) => {
    const compared = section.rows.flatMap(({ comparison }) => (comparison ? [comparison] : []));
    const worst = Math.max(0, ...compared.map(({ detectable }) => detectable));
    if (worst < 0.03) return [];
    const n = Math.min(...compared.map((row) => row.n));
    return [`${points(worst).slice(1)} points on ${shortTitle(section, sections)} (${count(n)} examples)`];
  });
  if (found.length === 0) return [];
  return [`In a single language a true change smaller than about ${list(found)} would usually go unnoticed.`];
}

/** How much the demonstrations that a seed draws move the result, where several were drawn. */
function seedSpread(primary: TaskSection[], all: TaskSection[]): string[] {
  return primary.flatMap((section) => {
    const drawn = all.filter(
      ({ task, shots, prompts, metric }) =>
        task === section.task && shots === section.shots && prompts === section.prompts && metric === section.metric,
    );
    const row = section.groups.find(({ group }) => group === "aligned") ?? section.groups.at(-1);
    const differences = drawn
      .map(({ groups }) => groups.find(({ group }) => group === row?.group)?.comparison?.difference)
      .filter((value) => value !== undefined);
    if (differences.length < 2 || !row) return [];
    const range = `${points(Math.min(...differences))} to ${points(Math.max(...differences))}`;
    return [
      `${section.title}: over ${countWord(differences.length)} draws of demonstrations the difference in ${row.label.toLowerCase()} ranges from ${range} points; charts and headline show this seed, the tables all.`,
    ];
  });
}

function unpaired(section: TaskSection): string[] {
  const rows = section.rows.filter((row) => row.before && row.after);
  const partial = rows.filter(
    ({ comparison, before, after }) => comparison && comparison.n < Math.min(before!.n, after!.n),
  );
  const without = rows.filter((row) => !row.comparison);
  return [
    ...(without.length > 0
      ? [
          `${section.title}: no answers to the same examples were found for ${languageCount(without.length)}, so nothing was tested there.`,
        ]
      : []),
    ...(partial.length > 0
      ? [
          `${section.title}: in ${languageCount(partial.length)} only part of the examples were answered at both stages; the tests use those.`,
        ]
      : []),
  ];
}

/** What limits the reading of the numbers, most serious first. */
export function cautionsOf(data: Pick<ReportData, "tasks" | "run">, models: MeasuredModels): string[] {
  const primary = data.tasks.filter((section) => section.primary);
  const others = models.others.map(({ name, hash }) => `${name} (${hash.slice(0, 12)})`);
  const base = models.before?.stage === 0 && data.run && models.before.hash !== data.run.model.hash;
  return [
    ...(base ? ["The model measured before alignment has other weights than the one named in run.json."] : []),
    ...primary.flatMap(unpaired),
    ...seedSpread(primary, data.tasks),
    ...chanceAndBias(primary),
    ...smallestEffects(primary),
    ...(others.length > 0 ? [`Also measured in this folder but not shown: ${others.join(", ")}.`] : []),
  ].map(sentenceCase);
}
