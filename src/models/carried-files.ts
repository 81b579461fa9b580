import { copyFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Weights, in whatever form, pickles, and the lists of their parts: an export has its own. */
const weights =
  /\.(safetensors|bin|pt|pth|pkl|pickle|ckpt|msgpack|h5|onnx|onnx_data|tflite|ot|gguf|npz|nemo)$|\.(safetensors|bin)\.index\.json$/;

/** What an export writes itself, what describes other weights, and what would make transformers load an adapter on top. */
const replaced = new Set(["config.json", "README.md", "export_report.json", "adapter_config.json"]);

const isLeftOver = (name: string): boolean => name.startsWith(".") || /^checkpoint-\d+$/.test(name);

/** The files of a model folder that go along with any change of its weights: tokenizer, generation config, licence, what we do not know. */
export function carriedFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(below, entry.name);
      if (isLeftOver(entry.name)) return [];
      if (entry.isDirectory()) return carriedFiles(folder, path);
      // the hub's cache has links to files
      const isFile = statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() ?? false;
      return isFile && !weights.test(path) && !replaced.has(path) ? [path] : [];
    })
    .sort();
}

/** Copies them to another folder. */
export function carryFiles(from: string, to: string): void {
  for (const path of carriedFiles(from)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}
