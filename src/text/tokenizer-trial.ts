import { confined } from "./confined.ts";
import type { Stranger } from "./familiar.ts";
import { isObject, modelPart, type TokenizerFile, tokenizerText } from "./tokenizer-file.ts";

/** for each probe: matching that grows with the square of a run's length ends well before, what grows faster never does */
const limits = { seconds: 2, output: 1 << 16, memory: 1024 };
/** a large vocabulary takes its time to load, and to decode in full */
const secondsPerMegabyte = 0.1;

/** Loads the tokenizer of the first request, takes the probe of each other one through it; gives what the library complains of, or null. */
const script = `
const { Tokenizer } = require("tokenizers");
let [tokenizer, step] = [];
async function handle({ file, probe }) {
  try {
    if (file !== undefined) {
      step = "load it";
      tokenizer = Tokenizer.fromString(file);
      step = "decode ids";
      const size = Math.min(tokenizer.getVocabSize(true), 100000);
      await tokenizer.decode(Array.from({ length: size }, (_, id) => id), false);
      return null;
    }
    step = "encode a text";
    const ids = (await tokenizer.encode(probe, null, { addSpecialTokens: true })).getIds();
    step = "decode ids";
    await tokenizer.decode(ids.slice(0, 1000), false);
    return null;
  } catch (error) {
    return "could not " + step + ": " + error.message;
  }
}`;

/** A model that costs nothing to load, where only the stages before it are in doubt. */
const emptyModel = modelPart('{"type":"BPE","vocab":{},"merges":[]}');

/**
 * Tries a tokenizer on probes in a process of its own, where a part of it could abort the process or never end: the regular
 * expressions of a file are anyone's, and the native library gives up the whole process over some.
 * @returns what went wrong, or undefined
 */
export async function trialOf(file: TokenizerFile, doubts: readonly Stranger[]): Promise<string | undefined> {
  const needsModel = doubts.some(({ stage }) => stage === "model" || stage === "decoder" || stage === "post_processor");
  const tried = needsModel ? file : { ...file, added_tokens: [], post_processor: null, model: emptyModel };
  const text = tokenizerText(tried);
  const probes = probesFor(doubts.flatMap(({ part }) => patternsIn(part))).map((probe) => ({ probe }));
  const seconds = limits.seconds + (secondsPerMegabyte * text.length) / 1e6;
  const { answers, stopped } = await confined(script, [{ file: text }, ...probes], { ...limits, seconds });
  if (stopped === undefined) return answers.find((answer) => typeof answer === "string");
  if (stopped.reason === "time") return `it took more than ${seconds.toFixed(1)} s for a short text`;
  if (stopped.reason === "memory") return `it took more than ${limits.memory} MiB of memory for a short text`;
  return `it aborts the process (${stopped.detail})`;
}

/** Regular expressions and fixed texts within a part of the file. */
export function patternsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(patternsIn);
  if (!isObject(part)) return [];
  const { pattern, ...rest } = part;
  const own = isObject(pattern) ? Object.values(pattern).filter((text) => typeof text === "string") : [];
  return [...own, ...Object.values(rest).flatMap(patternsIn)];
}

/** the library stops with an abort after 10 million steps back, which a run of this length reaches in n²/2 */
const longRun = 5000;
/** enough for an exponential pattern to run out of steps */
const shortRun = 40;
const mostLetters = 24;
const representatives = ["a", "Z", "é", "я", "猫", "ا", "1", " ", "\n", "\t", "!", "'", "_", "€", "\u0301", "🙂"];
const ordinary = ["", "a", "Hello, wörld! 123  \r\n\r\n 猫𠮷 ½ﬁ", "it's we'll  x_y-z. ", "\u200b\u0000\ufeff"];

/** Texts that make a regular expression step back: runs of each character that it names or of its kind, with an odd end. */
function probesFor(patterns: readonly string[]): string[] {
  const letters = [...new Set(patterns.flatMap((pattern) => [...charactersOf(pattern), ...membersOf(pattern)]))];
  letters.length = Math.min(letters.length, mostLetters);
  const words = patterns.flatMap((pattern) => pattern.match(/[\p{L}\p{N}]{2,8}/gu) ?? []).slice(0, mostLetters);
  const pairs = letters.slice(0, 6).flatMap((a) => letters.slice(0, 6).map((b) => a + b));
  const units = [...new Set([...letters, ...words, ...pairs, ...representatives])];
  // a search begins only where the text has what the pattern must have: all its words and letters, behind what none matches
  const had = [...words, ...letters].join("");
  const ends = ["", "!", "\n", "\u0000", `\u0000${had}`, `\n${had}`];
  const short = units.flatMap((unit) => ends.map((end) => unit.repeat(shortRun) + end));
  const long = [...new Set([...letters, ...representatives])].flatMap((unit) =>
    ["", ends.at(-1)!].map((end) => unit.repeat(longRun) + end),
  );
  return [...ordinary, ...short, ...(patterns.length > 0 ? long : [" ".repeat(longRun)])];
}

/** The characters that a pattern spells, by themselves or by number. */
function charactersOf(pattern: string): string[] {
  const numbered = /\\(?:x\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|u([0-9a-f]{4}))/gi;
  const spelt = pattern.replace(numbered, (whole, ...digits) => {
    const code = Number.parseInt(
      digits.slice(0, 3).find((each) => each !== undefined),
      16,
    );
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  const escaped = [...spelt.matchAll(/\\([^\p{L}\p{N}])/gu)].map(([, character]) => character!);
  return [...escaped, ...spelt.replace(/\\.|[\^$.*+?()[\]{}|]/gsu, "")];
}

/** One character of each Unicode property that a pattern names. */
function membersOf(pattern: string): string[] {
  return [...pattern.matchAll(/\\p\{\^?(\w+)\}/gi)].flatMap(([, name]) => {
    for (const spelling of [name, `Script=${name}`])
      try {
        const member = new RegExp(`\\p{${spelling}}`, "u");
        for (let code = 0; code < 0xd800; code++)
          if (member.test(String.fromCharCode(code))) return [String.fromCharCode(code)];
      } catch {
        // Oniguruma knows names that JavaScript does not
      }
    return [];
  });
}
