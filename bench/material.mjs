// Readers of the shared data, in the order that the peers' scripts use, so that both sides run the same batches.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const tatoeba = "deu spa fra rus zho tur swa hin".split(" ");
const questionLanguages = "de es it sw zh".split(" ");

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Pair i = row i // 8 of language i mod 8: [english, other]. */
export function tatoebaPairs(data, count) {
  const files = tatoeba.map((language) =>
    readFileSync(join(data, "tatoeba", `eng-${language}.tsv`), "utf8").split("\n"),
  );
  return Array.from({ length: count }, (_, i) =>
    files[i % files.length][Math.floor(i / files.length)].split("\t").slice(0, 2),
  );
}

/** With five languages, row i = row i // 5 of language i mod 5: [input, answer]. */
export function questions(data, count, languages = questionLanguages) {
  const files = languages.map((language) =>
    JSON.parse(
      readFileSync(join(data, "question-translation/snli", `snli_${language}10k_train_question.json`), "utf8"),
    ),
  );
  return Array.from({ length: count }, (_, i) => {
    const { input, answer } = files[i % files.length][Math.floor(i / files.length)];
    return [input, answer];
  });
}

/** The first `each` devtest lines of each language, one language after the other. */
export const floresLines = (data, codes, each) =>
  codes.flatMap((code) =>
    readFileSync(join(data, "flores200", `${code}.devtest`), "utf8")
      .split("\n")
      .slice(0, each),
  );

/** About `size` bytes of lines: the files of FLORES and Tatoeba interleaved line by line, the columns of a line apart. */
export function mixedText(data, size) {
  const paths = [
    ["flores200", ".devtest"],
    ["tatoeba", ".tsv"],
  ].flatMap(([folder, end]) =>
    readdirSync(join(data, folder))
      .filter((name) => name.endsWith(end))
      .sort()
      .map((name) => join(data, folder, name)),
  );
  const columns = paths.map((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .flatMap((line) => line.split("\t")),
  );
  const lines = [];
  let bytes = 0;
  for (let i = 0; bytes < size; i++)
    for (const column of columns) {
      if (i >= column.length) continue;
      lines.push(column[i]);
      bytes += Buffer.byteLength(column[i]) + 1;
      if (bytes >= size) break;
    }
  return { lines, bytes };
}
