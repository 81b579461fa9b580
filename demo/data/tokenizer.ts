// Makes a small Unigram tokenizer from words, with the ids and the behaviour of XGLM's: <s> 0, <pad> 1, </s> 2, <unk> 3,
// and </s> in front of every text. NFC in the place of NFKC, which would take Thai vowels apart.

export type Counts = Map<string, number>;

const special = ["<s>", "<pad>", "</s>", "<unk>"];
export const wordStart = "▁";
const longestPiece = 12;
const fewestOccurrences = 2;
const rounds = 4;
/** longer pieces have no punctuation */
const plain = /^▁?[\p{L}\p{M}\p{N}]+$/u;

/** Every string of characters within a word, with how often it occurs. */
function candidates(words: Counts): Counts {
  const counts: Counts = new Map();
  for (const [word, count] of words) {
    const characters = [...word];
    for (let start = 0; start < characters.length; start++)
      for (let end = start + 1; end <= Math.min(characters.length, start + longestPiece); end++) {
        const piece = characters.slice(start, end).join("");
        counts.set(piece, (counts.get(piece) ?? 0) + count);
      }
  }
  const isPiece = ([piece, count]: [string, number]) =>
    [...piece].length === 1 || (count >= fewestOccurrences && plain.test(piece));
  return new Map([...counts].filter(isPiece));
}

/** The most probable split of a word into pieces. */
function split(word: string, scores: Counts): string[] {
  const characters = [...word];
  const best: { score: number; pieces: string[] }[] = [{ score: 0, pieces: [] }];
  for (let end = 1; end <= characters.length; end++)
    for (let start = Math.max(0, end - longestPiece); start < end; start++) {
      const piece = characters.slice(start, end).join("");
      const score = best[start]!.score + (scores.get(piece) ?? Number.NEGATIVE_INFINITY);
      const found = best[end];
      if (found === undefined || score > found.score) best[end] = { score, pieces: [...best[start]!.pieces, piece] };
    }
  return best[characters.length]!.pieces;
}

/** Scores by frequency: the logarithm of each piece's share. */
function scoresOf(counts: Counts): Counts {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...counts].map(([piece, count]) => [piece, Math.log(count / total)]));
}

/** Trains a Unigram model: pieces that the best splits do not use are dropped, the rest counted again. */
function trainPieces(words: Counts, size: number): [string, number][] {
  let scores = scoresOf(candidates(words));
  const characters = [...scores.keys()].filter((piece) => [...piece].length === 1);
  for (let round = 0; round < rounds; round++) {
    // a character must stay, whether used or not, so that every text can be split
    const counts: Counts = new Map(characters.map((piece) => [piece, 0.1]));
    for (const [word, count] of words)
      for (const piece of split(word, scores)) counts.set(piece, (counts.get(piece) ?? 0) + count);
    const strings = [...counts]
      .filter(([piece]) => [...piece].length > 1)
      .sort((a, b) => b[1] * ([...b[0]].length - 1) - a[1] * ([...a[0]].length - 1) || (a[0] < b[0] ? -1 : 1))
      .slice(0, Math.max(0, size - characters.length));
    scores = scoresOf(new Map([...characters.map((piece) => [piece, counts.get(piece)!] as const), ...strings]));
  }
  return [...scores].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

const specialToken = (content: string, id: number) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** The stages around the model, as XGLM's tokenizer.json has them. */
function stages() {
  const metaspace = { type: "Metaspace", replacement: wordStart, prepend_scheme: "always", split: true };
  const end = { SpecialToken: { id: "</s>", type_id: 0 } };
  const sequence = (id: "A" | "B") => ({ Sequence: { id, type_id: 0 } });
  return {
    normalizer: {
      type: "Sequence",
      normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: " {2,}" }, content: " " }],
    },
    pre_tokenizer: metaspace,
    post_processor: {
      type: "TemplateProcessing",
      single: [end, sequence("A")],
      pair: [end, sequence("A"), end, end, sequence("B")],
      special_tokens: { "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] } },
    },
    decoder: metaspace,
  };
}

/**
 * The files of a Hugging Face tokenizer folder by name. A piece's score is the logarithm of its frequency.
 * @param words how often each word occurs; those that begin after a space are marked with `wordStart`
 * @param size pieces at most, special tokens not counted
 */
export function makeTokenizer(words: Counts, size: number): Record<string, string> {
  const pieces = trainPieces(words, size);
  const names = { bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" };
  const files = {
    "tokenizer.json": {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: special.map(specialToken),
      ...stages(),
      model: {
        type: "Unigram",
        unk_id: 3,
        vocab: [...special.map((token) => [token, 0]), ...pieces],
        byte_fallback: false,
      },
    },
    "tokenizer_config.json": {
      ...names,
      added_tokens_decoder: Object.fromEntries(
        special.map((token, id) => {
          const { id: _, ...settings } = specialToken(token, id);
          return [id, settings];
        }),
      ),
      clean_up_tokenization_spaces: false,
      model_max_length: 128,
      tokenizer_class: "XGLMTokenizer",
    },
    "special_tokens_map.json": names,
  };
  return Object.fromEntries(Object.entries(files).map(([name, value]) => [name, JSON.stringify(value, null, 1)]));
}
