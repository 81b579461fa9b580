import type { Comparison, Estimate, GapRow, Language, TaskSection } from "./data.ts";
import { pivot } from "./languages.ts";
import { type groupsOf, isOwnGroup } from "./paired.ts";
import { stages } from "./results.ts";

/** (English − mean of the others) / English with an interval that takes the languages as independent. */
function relativeGap(english: Estimate, others: Estimate[]): Estimate {
  const mean = others.reduce((sum, row) => sum + row.value, 0) / others.length;
  const spread = (row: Estimate) => (row.high - row.low) / 2;
  const meanSpread = Math.sqrt(others.reduce((sum, row) => sum + spread(row) ** 2, 0)) / others.length;
  const value = (english.value - mean) / english.value;
  // the interval of a ratio: relative errors of its two parts added in squares
  const half = (mean / english.value) * Math.hypot(meanSpread / mean, spread(english) / english.value);
  return { value, low: value - half, high: value + half, n: others.length };
}

/** How far each group is behind English on each task, before and after. */
export function gapRows(sections: TaskSection[], groups: ReturnType<typeof groupsOf>): GapRow[] {
  return sections
    .filter(
      (section) => section.primary && section.rows.some((row) => row.language === pivot) && section.rows.length > 1,
    )
    .flatMap((section) => {
      const english = section.rows.find((row) => row.language === pivot)!;
      const measured = section.rows.map((row) => row.language);
      const own = groups.filter((group) => isOwnGroup(group, groups, measured));
      return own.flatMap(({ group, label, members }): GapRow[] => {
        const rows = section.rows.filter((row) => members.has(row.language) && row.language !== pivot);
        if (group === "pivot" || rows.length === 0) return [];
        const gaps: { before?: Estimate; after?: Estimate } = {};
        for (const stage of stages) {
          const reference = english[stage];
          const others = rows.map((row) => row[stage]).filter((value) => value !== undefined);
          if (reference && reference.value > 0 && others.length === rows.length)
            gaps[stage] = relativeGap(reference, others);
        }
        if (!gaps.before && !gaps.after) return [];
        const values = {
          ...(english.before && { before: english.before.value }),
          ...(english.after && { after: english.after.value }),
        };
        return [{ section: section.id, title: section.title, group, label, ...gaps, english: values }];
      });
    });
}

/** Tasks on which English fell: a gap that closes this way is not the kind of progress anyone wants. */
export function englishFell(sections: TaskSection[], languages: Language[]): (Comparison & { section: TaskSection })[] {
  if (!languages.some(({ code }) => code === pivot)) return [];
  return sections.flatMap((section) => {
    const comparison = section.primary ? section.rows.find((row) => row.language === pivot)?.comparison : undefined;
    return comparison && comparison.high < 0 ? [{ ...comparison, section }] : [];
  });
}
