// Wall seconds of `interlingua --help` and its neighbours, a new process each time with a warm file cache: the counterpart of the
// peer's startup.py. Prints one JSON line; with --peers, races it against `import transformers` and prints the ratio.
//   node bench/startup.mjs [--repeats 5] [--peers DIR --python PYTHON --rounds 3]
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { besidePeer, once, several } from "./cold.mjs";
import { median } from "./material.mjs";

const { values } = parseArgs({
  options: {
    repeats: { type: "string", default: "5" },
    peers: { type: "string" },
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "3" },
  },
});
const bin = fileURLToPath(new URL("../bin/interlingua.js", import.meta.url));
const others = {
  node: ["-e", "0"],
  version: [bin, "--version"],
  score_help: [bin, "score", "--help"],
  study_help: [bin, "study", "--help"],
};

function seconds(args, repeats) {
  return median(several(repeats, () => once(process.execPath, args)).map((run) => run.seconds));
}

function measure(repeats) {
  const round = (value) => Number(value.toFixed(4));
  return {
    name: "interlingua.startup.help",
    units: "s",
    value: round(seconds([bin, "--help"], repeats)),
    others_seconds: Object.fromEntries(
      Object.entries(others).map(([name, args]) => [name, round(seconds(args, repeats))]),
    ),
  };
}

if (values.peers === undefined) console.log(JSON.stringify(measure(Number(values.repeats))));
else {
  const { peers, python } = values;
  besidePeer({ python, peers, script: "startup.py", args: [], rounds: Number(values.rounds), ours: () => measure(3) });
}
