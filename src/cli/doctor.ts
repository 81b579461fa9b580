import { spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import type { Command } from "commander";
import { addonRecord, deviceName, resolveDevice, threads, torchVersion } from "../tensor/index.ts";
import { alignedTable } from "./table.ts";

interface Check {
  name: string;
  ok: boolean;
  found: string;
  remedy?: string;
  /** only set-up needs it: its absence is told, and is no fault */
  optional?: boolean;
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function program(name: string, command: string, remedy: string): Check {
  const done = spawnSync(command, ["--version"], { encoding: "utf8" });
  const [first = ""] = `${done.stdout ?? ""}`.split("\n");
  return done.status === 0 ? { name, ok: true, found: first } : { name, ok: false, found: "absent", remedy };
}

function engine(): Check[] {
  const record = addonRecord();
  const remedy = "run `npm run setup`";
  if (record === undefined) return [{ name: "tensor engine", ok: false, found: "not built", remedy }];
  try {
    const device = resolveDevice("auto");
    return [
      {
        name: "tensor engine",
        ok: true,
        found: `torch ${torchVersion()}${record.torch.cuda === null ? "" : ` (CUDA ${record.torch.cuda})`}`,
      },
      { name: "device", ok: true, found: `${device}: ${deviceName(device)}` },
      { name: "threads", ok: true, found: String(threads()) },
    ];
  } catch (error) {
    return [{ name: "tensor engine", ok: false, found: (error as Error).message, remedy }];
  }
}

function checks(): Check[] {
  const [major] = process.versions.node.split(".").map(Number);
  const disk = statfsSync(process.cwd());
  const charts = existsSync(new URL("../web/report.js", import.meta.url));
  return [
    { name: "node", ok: major! >= 20, found: process.version, remedy: "install Node 20 or newer" },
    ...engine(),
    { name: "cores", ok: true, found: String(availableParallelism()) },
    { name: "memory", ok: true, found: `${gibibytes(freemem())} free of ${gibibytes(totalmem())}` },
    { name: "disk", ok: true, found: `${gibibytes(disk.bavail * disk.bsize)} free here` },
    { name: "report charts", ok: charts, found: charts ? "built" : "not built", remedy: "run `npm run setup`" },
    program("g++", "g++", "only set-up needs it: apt-get install g++"),
    program("python3", "python3", "only set-up needs it, to install torch with pip"),
  ];
}

const fine = ({ ok, optional }: Check): boolean => ok || optional === true;

export function define(command: Command): void {
  command.option("--json", "one JSON document").action((options: { json?: boolean }) => {
    const all = checks();
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: all.every(fine), checks: all }, null, 2)}\n`);
    else
      process.stdout.write(
        alignedTable(
          ["", "", ""],
          all.map(({ ok, name, found, remedy }) => [
            ok ? "✓" : "✗",
            name,
            ok || remedy === undefined ? found : `${found} – ${remedy}`,
          ]),
        ).replace(/^\s*\n/, ""),
      );
    if (!all.every(fine)) process.exitCode = 1;
  });
}
