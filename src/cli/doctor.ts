import { spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { type Command, Option } from "commander";
import { joinProcesses } from "../recipe/membership.ts";
import { startProcesses } from "../recipe/processes.ts";
import {
  addonRecord,
  collectivesMissing,
  deviceName,
  resolveDevice,
  tensor,
  threads,
  torchVersion,
} from "../tensor/index.ts";
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

/** What each of the two processes that doctor starts does. */
function addUp(): void {
  const ranks = joinProcesses("cpu");
  const one = tensor([1]);
  ranks.allReduceSum(one);
  if (one.item() !== ranks.size) throw new Error(`${ranks.size} processes that each gave 1 got ${one.item()}.`);
  ranks.leave();
}

async function severalProcesses(): Promise<Check> {
  const [name, optional] = ["processes", true];
  const missing = collectivesMissing();
  if (missing !== undefined) return { name, ok: false, optional, found: "one only", remedy: missing };
  const lines: string[] = [];
  const began = performance.now();
  const command = [process.argv[1]!, "doctor", "--add-up"];
  const code = await startProcesses({ count: 2, command, line: (text) => lines.push(text) });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { backends } = addonRecord()!.collectives!;
  if (code === 0) return { name, ok: true, found: `two added up in ${seconds} s (${backends.join(", ")})` };
  return { name, ok: false, optional, found: "one only", remedy: lines.join(" ") };
}

async function checks(): Promise<Check[]> {
  const [major] = process.versions.node.split(".").map(Number);
  const disk = statfsSync(process.cwd());
  const charts = existsSync(new URL("../web/report.js", import.meta.url));
  return [
    { name: "node", ok: major! >= 20, found: process.version, remedy: "install Node 20 or newer" },
    ...engine(),
    await severalProcesses(),
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
  command.addOption(new Option("--add-up").hideHelp());
  command.option("--json", "one JSON document").action(async (options: { json?: boolean; addUp?: boolean }) => {
    if (options.addUp) {
      addUp();
      return;
    }
    const all = await checks();
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
