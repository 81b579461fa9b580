/** The hub id and commit of a folder in the cache that Python shares, or undefined for any other folder. */
export function snapshotId(folder: string): { id: string; revision: string } | undefined {
  const [, name, revision] = folder.replaceAll("\\", "/").match(/\/models--([^/]+)\/snapshots\/([^/]+)\/?$/) ?? [];
  return name === undefined ? undefined : { id: name.replaceAll("--", "/"), revision: revision! };
}
