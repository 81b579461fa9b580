import { editDistance } from "./edit-distance.ts";
import { languageTable, type Resource } from "./language-table.ts";

/** A language as every stage names it. */
export interface Language {
  /** ISO 639-1 where one exists, else ISO 639-3: the spelling of every result */
  code: string;
  iso1?: string;
  iso3: string;
  /** English name */
  name: string;
  /** main FLORES-200 code, such as `zho_Hans` */
  flores: string;
  /** ISO 15924, such as `Latn` */
  script: string;
  direction: "ltr" | "rtl";
  family: string;
  resource: Resource;
}

const rightToLeft = new Set(["Arab", "Hebr"]);
const spellings = new Map<string, Language>();

/** All known languages, by ISO 639-3. */
export const languages: readonly Language[] = languageTable.map(
  ([iso1, iso3, name, flores, family, resource, more]) => {
    const script = flores.slice(4);
    const entry: Language = {
      code: iso1 || iso3,
      ...(iso1 ? { iso1 } : {}),
      iso3,
      name,
      flores,
      script,
      direction: rightToLeft.has(script) ? "rtl" : "ltr",
      family,
      resource,
    };
    for (const spelling of [iso1, iso3, name, flores.slice(0, 3), ...(more?.split("|") ?? [])])
      if (spelling) spellings.set(spelling.toLowerCase(), entry);
    return entry;
  },
);

/** The language that a spelling means, or undefined; `language` is the same with an error that helps. */
export function findLanguage(spelling: string): Language | undefined {
  const wanted = spelling.trim().toLowerCase();
  const whole = spellings.get(wanted);
  if (whole) return whole;
  const [first, subtag, ...rest] = wanted.split(/[-_]/);
  const found = spellings.get(first!);
  if (!found || !subtag || rest.length > 1 || first!.length > 3) return undefined;
  return [subtag, ...rest].every((tag) => isOwn(found, tag)) ? found : undefined;
}

/** Traditional Chinese is other text than the table's zho_Hans, so a spelling that means it is not Chinese here. */
function isOwn(found: Language, subtag: string): boolean {
  if (found.code === "zh" && ["tw", "hk", "mo"].includes(subtag)) return false;
  if (subtag.length === 4) return found.script.toLowerCase() === subtag;
  return /^([a-z]{2}|[0-9]{3})$/.test(subtag);
}

/**
 * The language that a spelling means: ISO 639-1, -2/B or -3, FLORES, BCP 47 with a region, English name; in any case.
 * @throws Error naming the nearest known spellings
 */
export function language(spelling: string): Language {
  const found = findLanguage(spelling);
  if (found) return found;
  const near = nearest(spelling.trim().toLowerCase()).map(({ code, name }) => `${code} (${name})`);
  throw new Error(
    `Unknown language ${JSON.stringify(spelling)}. Nearest: ${near.join(", ")}. ` +
      "Expected an ISO 639 code, a FLORES code such as deu_Latn, or an English name.",
  );
}

function nearest(wanted: string): Language[] {
  const first = wanted.split(/[-_]/)[0]!;
  const distance = new Map<Language, number>();
  for (const [spelling, entry] of spellings)
    for (const form of [wanted, first])
      distance.set(entry, Math.min(distance.get(entry) ?? Number.POSITIVE_INFINITY, editDistance(form, spelling)));
  return [...distance.entries()]
    .sort((a, b) => a[1] - b[1])
    .slice(0, 3)
    .map(([entry]) => entry);
}
