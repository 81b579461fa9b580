#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  const { run } = await import(main.href);
  await run(process.argv);
} else {
  process.stderr.write("interlingua is not set up yet. Run `npm run setup` in its folder.\n");
  process.exitCode = 1;
}
