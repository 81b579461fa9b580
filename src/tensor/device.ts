import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { addon } from "./addon.ts";
import { dispatcher } from "./op.ts";

/** The device's name for libtorch; "auto" takes the accelerator where there is one, each local process its own. */
export function resolveDevice(choice: string = "auto"): string {
  if (choice === "cpu") return "cpu";
  const found = addon().accelerator();
  const own = found === null ? 0 : Number(process.env.LOCAL_RANK ?? 0) % found.count;
  if (choice === "auto") return found === null ? "cpu" : `${found.type}:${own}`;
  const type = choice.split(":")[0];
  if (found === null || found.type !== type) {
    throw new Error(
      `--device ${choice}: this libtorch (${addon().torchVersion()}) finds ${found === null ? "no accelerator" : found.type}. ` +
        "Use --device cpu, or set INTERLINGUA_TORCH to a torch built for your device and run `npm run setup`.",
    );
  }
  return choice.includes(":") ? choice : `${choice}:${own}`;
}

/** What the device is called. */
export function deviceName(device: string): string {
  return device === "cpu" ? (cpus()[0]?.model.trim() ?? "CPU") : device;
}

/** What libtorch says of this CPU; true where its build has no such question, so that it multiplies as it sees fit. */
function saysYes(question: string): boolean {
  try {
    return dispatcher(question)([]) === true;
  } catch {
    return true;
  }
}

const halfUnits: Partial<Record<"bfloat16" | "float16", boolean>> = {};

/** Whether products of a half type are left to libtorch, because this CPU has units for them. */
export const multipliesHalf = (type: "bfloat16" | "float16"): boolean => {
  halfUnits[type] ??= saysYes(`mkldnn::_is_mkldnn_${type === "bfloat16" ? "bf16" : "fp16"}_supported`);
  return halfUnits[type];
};

export const torchVersion = (): string => addon().torchVersion();
export const threads = (): number => addon().threads();

/** Sets how many threads an op may use. */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`threads: expected a whole number from 1, received ${count}.`);
  addon().setThreads(count);
}

export interface MemoryStatistics {
  /** tensor handles that JavaScript holds */
  handles: number;
  /** resident memory of this process, bytes */
  resident: number;
  /** highest resident memory so far, bytes */
  peakResident: number;
  /** of the accelerator, bytes; absent on the CPU */
  accelerator?: { allocated: number; peak: number; free: number; total: number };
}

function residentBytes(): { resident: number; peak: number } {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const field = (name: string) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1] ?? 0) * 1024;
    return { resident: field("VmRSS"), peak: field("VmHWM") };
  } catch {
    const resident = process.memoryUsage.rss();
    return { resident, peak: process.resourceUsage().maxRSS * 1024 };
  }
}

/** Memory in use now and at most so far. */
export function memory(device = "cpu"): MemoryStatistics {
  const { resident, peak } = residentBytes();
  const statistics = { handles: addon().liveHandles(), resident, peakResident: peak };
  if (device === "cpu") return statistics;
  return { ...statistics, accelerator: addon().acceleratorMemory(Number(device.split(":")[1] ?? 0)) };
}

/** Waits until the device has done all its work; the CPU always has. */
export function synchronize(device: string): void {
  if (device !== "cpu") addon().synchronize(Number(device.split(":")[1] ?? 0));
}
