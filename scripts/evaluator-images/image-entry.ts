import { readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** What lies at one absolute path of an image. */
export type ImageEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: "folder" }
  /** A copy of a file of this machine. */
  | { readonly kind: "copy"; readonly from: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly target: string }
);

export const folderEntry = (path: string, mode = 0o755): ImageEntry => ({ kind: "folder", path, mode });
export const textEntry = (path: string, text: string): ImageEntry => ({ kind: "text", path, mode: 0o644, text });
export const copyEntry = (path: string, from: string, mode = 0o644): ImageEntry => ({ kind: "copy", path, mode, from });

export interface TreeOptions {
  /** Whether a file or a folder of that path below the tree's top comes along; all of them by default. */
  readonly keep?: (relativePath: string, isFolder: boolean) => boolean;
}

/** All files below a folder of this machine, as they will lie below `path`; symbolic links stay links. */
export function treeEntries(path: string, from: string, { keep = () => true }: TreeOptions = {}): ImageEntry[] {
  const walk = (relative: string): ImageEntry[] =>
    readdirSync(join(from, relative), { withFileTypes: true }).flatMap((found): ImageEntry[] => {
      const below = relative === "" ? found.name : `${relative}/${found.name}`;
      const [inside, outside] = [`${path}/${below}`, join(from, below)];
      if (!keep(below, found.isDirectory())) return [];
      if (found.isDirectory()) return walk(below);
      if (found.isSymbolicLink()) return [{ kind: "link", path: inside, mode: 0o777, target: readlinkSync(outside) }];
      return found.isFile() ? [copyEntry(inside, outside, isProgram(outside) ? 0o755 : 0o644)] : [];
    });
  return walk("");
}

const isProgram = (file: string): boolean => (statSync(file).mode & 0o100) !== 0;
