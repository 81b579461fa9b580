import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Vectors of one width in numbered slots of equally many rows; what is large lies on disk. */
export interface VectorStore {
  readonly rows: number;
  readonly width: number;
  write(slot: number, row: number, vector: Float32Array): void;
  /** Rows from `start` on, [count D] row-major; the whole slot by default. */
  read(slot: number, start?: number, count?: number): Float32Array;
  /** Frees memory or disk; the store is not used after it. */
  close(): void;
}

/** Bytes that stay in memory. */
const inMemory = 256 * 2 ** 20;

/** Makes a store; above `limit` bytes it is a file in the system's temporary folder that vanishes with the process. */
export function vectorStore(slots: number, rows: number, width: number, limit = inMemory): VectorStore {
  return slots * rows * width * 4 <= limit ? memoryStore(slots, rows, width) : fileStore(rows, width);
}

function memoryStore(slots: number, rows: number, width: number): VectorStore {
  let data = Array.from({ length: slots }, () => new Float32Array(rows * width));
  return {
    rows,
    width,
    write: (slot, row, vector) => data[slot]!.set(vector, row * width),
    read: (slot, start = 0, count = rows - start) => data[slot]!.subarray(start * width, (start + count) * width),
    close() {
      data = [];
    },
  };
}

function fileStore(rows: number, width: number): VectorStore {
  const folder = mkdtempSync(join(tmpdir(), "interlingua-states-"));
  const fd = openSync(join(folder, "vectors"), "w+");
  // the name goes at once where the system lets it: the bytes live as long as the file is open
  let named = process.platform === "win32";
  if (!named) rmSync(folder, { recursive: true });
  const place = (slot: number, row: number) => (slot * rows + row) * width * 4;
  return {
    rows,
    width,
    write(slot, row, vector) {
      const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, place(slot, row) + done);
    },
    read(slot, start = 0, count = rows - start) {
      const vectors = new Float32Array(count * width);
      const bytes = Buffer.from(vectors.buffer);
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(fd, bytes, done, bytes.length - done, place(slot, start) + done);
        if (read === 0) break; // rows that were never written are zeros, as in memory
        done += read;
      }
      return vectors;
    },
    close() {
      closeSync(fd);
      if (named) rmSync(folder, { recursive: true, force: true });
      named = false;
    },
  };
}
