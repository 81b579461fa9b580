import { basename } from "node:path";

/**
 * The records of a Parquet file; whole numbers of 64 bits become numbers.
 * @throws Error naming the file when it is not Parquet or is compressed otherwise than with Snappy
 */
export async function readParquet(path: string): Promise<Record<string, unknown>[]> {
  const { asyncBufferFromFile, parquetReadObjects } = await import("hyparquet");
  try {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    return rows.map((row) => plain(row) as Record<string, unknown>);
  } catch (cause) {
    throw new Error(
      `${path}: ${basename(path)} cannot be read as Parquet (${(cause as Error).message}). ` +
        "Expected an uncompressed or Snappy-compressed file; JSON Lines are read as well.",
      { cause },
    );
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}
