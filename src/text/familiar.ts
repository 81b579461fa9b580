import { isSoundCharsmap } from "./charsmap.ts";
import { isFamiliarPattern } from "./split-patterns.ts";
import { isObject, type Json, type TokenizerFile } from "./tokenizer-file.ts";

type Stage = "normalizer" | "pre_tokenizer" | "post_processor" | "decoder" | "model";
const stages: readonly Stage[] = ["normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

/** A part of tokenizer.json that is not known to be harmless. */
export interface Stranger {
  stage: Stage;
  /** such as `pre_tokenizer.pretokenizers[0]` */
  path: string;
  part: unknown;
}

const always = () => true;
const empty = (value: unknown) => value === null || value === undefined || value === "";
const space = "▁";

const isFamiliarReplace = ({ pattern, content }: Json): boolean => {
  if (!isObject(pattern) || typeof content !== "string" || content.length > 1) return false;
  if (typeof pattern.Regex === "string") return isFamiliarPattern(pattern.Regex);
  return pattern.String === " " || pattern.String === space;
};

/**
 * Parts by stage and type, with what must hold that the native library neither aborts the process nor runs away with them.
 * Wrong types need no check here: it refuses them with an error.
 */
const familiar: Record<Stage, Record<string, (part: Json) => boolean>> = {
  normalizer: {
    NFC: always,
    NFD: always,
    NFKC: always,
    NFKD: always,
    Lowercase: always,
    Strip: always,
    Prepend: ({ prepend }) => prepend === space,
    Replace: isFamiliarReplace,
    Precompiled: ({ precompiled_charsmap }) => isSoundCharsmap(precompiled_charsmap),
  },
  pre_tokenizer: {
    ByteLevel: always,
    Metaspace: always,
    Digits: always,
    Split: ({ pattern }) =>
      isObject(pattern) &&
      (pattern.String === " " || (typeof pattern.Regex === "string" && isFamiliarPattern(pattern.Regex))),
  },
  post_processor: { ByteLevel: always, RobertaProcessing: always, TemplateProcessing: isSoundTemplate },
  decoder: {
    ByteLevel: always,
    Metaspace: always,
    ByteFallback: always,
    Fuse: always,
    Replace: isFamiliarReplace,
    // it counts back from the end of a token that may be empty
    Strip: ({ start, stop }) => (start === 0 || start === 1) && stop === 0,
  },
  model: {
    Unigram: always,
    BPE: (model) => empty(model.continuing_subword_prefix) && empty(model.end_of_word_suffix),
  },
};

/** The names of a Sequence's list, by stage. */
const lists = ["normalizers", "pretokenizers", "processors", "decoders"];
const deepest = 4;
const longestTemplate = 16;

/** The parts of a tokenizer.json that must be tried out before they are trusted. */
export function strangers(file: TokenizerFile): Stranger[] {
  return stages.flatMap((stage) => {
    const part = stage === "model" ? file.model.settings : file[stage];
    return part === null ? [] : walk(stage, stage, part, 0);
  });
}

function walk(stage: Stage, path: string, part: unknown, depth: number): Stranger[] {
  const self = [{ stage, path, part }];
  if (!isObject(part) || typeof part.type !== "string") return self;
  if (part.type === "Sequence") {
    const name = lists.find((key) => Array.isArray(part[key]));
    const inner = name === undefined ? [] : (part[name] as unknown[]);
    if (name === undefined || depth === deepest || inner.length > longestTemplate) return self;
    return inner.flatMap((each, i) => walk(stage, `${path}.${name}[${i}]`, each, depth + 1));
  }
  const check = Object.hasOwn(familiar[stage], part.type) ? familiar[stage][part.type] : undefined;
  return check?.(part) ? [] : self;
}

/** Every special token is described, and a template for one text does not ask for a second. */
function isSoundTemplate({ single, pair, special_tokens: tokens }: Json): boolean {
  const isSound = (template: unknown, sequences: readonly string[]) =>
    Array.isArray(template) &&
    template.length <= longestTemplate &&
    template.every((item) => {
      if (!isObject(item)) return false;
      if (isObject(item.Sequence)) return sequences.includes(String(item.Sequence.id));
      const id = isObject(item.SpecialToken) ? item.SpecialToken.id : undefined;
      const token = isObject(tokens) && typeof id === "string" && Object.hasOwn(tokens, id) ? tokens[id] : undefined;
      const [ids, texts] = isObject(token) ? [token.ids, token.tokens] : [];
      return Array.isArray(ids) && Array.isArray(texts) && ids.length === texts.length && ids.length <= longestTemplate;
    });
  return isSound(single, ["A"]) && isSound(pair, ["A", "B"]);
}
