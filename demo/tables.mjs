// Puts the tables of docs/demo.md in their places, from demo/results.tsv.
import { join } from "node:path";
import { here, program, root } from "./command.mjs";

program("evidence/tables.js", join(here, "results.tsv"), join(root, "docs/demo.md"));
