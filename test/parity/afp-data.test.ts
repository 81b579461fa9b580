import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interlingua } from "../command.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

interface Run {
  arguments: string[];
  printed: string;
  name: string;
  text: string;
}

interface Golden {
  inputs: { instructions: Record<string, object[]>; translations: string };
  runs: Run[];
}

const golden = JSON.parse(
  readFileSync(new URL("../goldens/afp/official.golden.json", import.meta.url), "utf8"),
) as Golden;

const build = (...args: string[]) => interlingua(["data", "build", "afp", "--parity", ...args]);

describe("data build afp --parity equals the official generator", () => {
  test.each(golden.runs.map((run) => [run.arguments.join(" "), run] as const))("%s", (_, run) => {
    const { instructions, translations } = golden.inputs;
    const files = Object.entries(instructions).map(([code, items]) => [`bactrian/${code}.json`, JSON.stringify(items)]);
    const folder = folderWith({ ...Object.fromEntries(files), "pairs.tsv": translations });
    const output = join(folder, "out");
    const paths = ["-b", join(folder, "bactrian"), "-t", join(folder, "pairs.tsv"), "-o", output];
    const { code, out, err } = build(...run.arguments, ...paths);
    expect(code, err).toBe(0);
    expect(out).toBe(run.printed);
    expect(readdirSync(output)).toEqual([run.name]);
    expect(readFileSync(join(output, run.name), "utf8")).toBe(run.text);
  });

  test("every run of the reference: names, bytes, what is printed, what is refused", (context) => {
    const root = "reference/papers/afp";
    needs(context, `${root}/generator.json`, `${root}/inputs`, `${root}/generated`);
    const { runs } = JSON.parse(readFileSync(shared(`${root}/generator.json`), "utf8")) as {
      runs: { name: string; arguments: string[]; exit_code: number; stdout: string; files: string[]; rows: number }[];
    };
    expect(runs.length).toBeGreaterThan(8);
    for (const run of runs) {
      const output = join(folderWith(), "out");
      const args = run.arguments.map((word, i, all) => {
        if (all[i - 1] === "-o") return output;
        return all[i - 1] === "-b" || all[i - 1] === "-t" ? shared(join(root, word)) : word;
      });
      const { code, out, err } = build(...args);
      expect(code === 0, `${run.name}: ${err}`).toBe(run.exit_code === 0);
      expect(out, run.name).toBe(run.stdout);
      expect(existsSync(output) ? readdirSync(output) : [], run.name).toEqual(run.files);
      for (const name of run.files) {
        const [ours, theirs] = [join(output, name), shared(join(root, "generated", run.name, name))].map((path) =>
          readFileSync(path),
        );
        expect(ours!.equals(theirs!), `${run.name}/${name}`).toBe(true);
        expect(ours!.toString("utf8").split("\n").length - 1).toBe(run.rows);
      }
    }
  });
});
