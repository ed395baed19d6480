import { findPackageJSON } from "node:module";
import { dirname } from "node:path";

/** Folder of the nearest package.json above this file; compiled files find the package's assets through it too. */
export function packageRoot(): string {
  const file = findPackageJSON(import.meta.url);
  if (file === undefined) throw new Error(`No package.json above ${import.meta.dirname}.`);
  return dirname(file);
}
