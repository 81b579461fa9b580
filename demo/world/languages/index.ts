import type { Language } from "../language.ts";
import { german } from "./de.ts";
import { english } from "./en.ts";
import { spanish } from "./es.ts";
import { french } from "./fr.ts";
import { hindi } from "./hi.ts";
import { russian } from "./ru.ts";
import { swahili } from "./sw.ts";
import { thai } from "./th.ts";
import { turkish } from "./tr.ts";
import { chinese } from "./zh.ts";

export const languages: readonly Language[] = [
  ...[english, german, spanish, french, russian],
  ...[chinese, turkish, swahili, hindi, thai],
];
export { english };
export const codes = languages.map(({ code }) => code);
export const languageOf = (code: string): Language => languages.find((language) => language.code === code)!;
