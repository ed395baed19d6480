import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { copyEntry, type ImageEntry } from "./image-entry.ts";

/** The libraries that programs of this machine are linked with, the loader among them, at the paths where they are looked for. */
export function sharedLibraries(programs: readonly string[]): readonly ImageEntry[] {
  return linkedFiles(programs).map((path) => copyEntry(path, realpathSync(path), 0o755));
}

/**
 * Where this machine finds what programs and libraries are linked with, each path once, in their order.
 *
 * @throws {Error} where one of them is missing, unless it is of those that may be.
 */
export function linkedFiles(programs: readonly string[], mayBeMissing: ReadonlySet<string> = new Set()) {
  // Lines like `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and the loader as a path alone.
  const said = execFileSync("ldd", programs, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const missing = [...said.matchAll(/^\s*(\S+) => not found/gm)].map(([, name = ""]) => name);
  const wanted = missing.find((name) => !mayBeMissing.has(name));
  if (wanted !== undefined) throw new Error(`${programs[0]} can't run here: there is no ${wanted}`);
  return [...new Set([...said.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path))].sort();
}
