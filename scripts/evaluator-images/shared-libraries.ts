import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { copyEntry, type ImageEntry } from "./image-entry.ts";

/** The libraries that programs of this machine are linked with, the loader among them, at the paths where they are looked for. */
export function sharedLibraries(programs: readonly string[]): readonly ImageEntry[] {
  const paths = new Set(programs.flatMap(librariesOf));
  return [...paths].sort().map((path) => copyEntry(path, realpathSync(path), 0o755));
}

/** Lines of ldd: `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and the loader as a path alone. */
function librariesOf(program: string): readonly string[] {
  const lines = execFileSync("ldd", [program], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    if (line.includes("not found")) throw new Error(`${program} can't run here: ${line.trim()}`);
    const path = /(\/\S+) \(0x/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}
