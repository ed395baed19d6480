import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** Steps after which the weights' digest is logged early, so that a short rebuild can be compared. */
export const prefixSteps = 50;

export function sha256(bytes: string | NodeJS.ArrayBufferView): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What a build made, line by line: shown at once, and in build.log when all is made. */
export function createBuildLog() {
  const lines: string[] = [];
  return {
    note: (name: string, value: string): void => {
      lines.push(`${name} = ${value}\n`);
      console.log(`${name} = ${value}`);
    },
    write: (path: string): void => writeFileSync(path, lines.join("")),
  };
}

/** The value of a `name = value` line of build.log. Throws if there is none. */
export function logged(log: string, name: string): string {
  const line = log.split("\n").find((candidate) => candidate.startsWith(`${name} = `));
  if (line === undefined) throw new Error(`expected a line "${name} = …" in build.log, found none`);
  return line.slice(name.length + 3);
}

/** Says what is not as build.log has it, and then lets the program end with code 1. */
export function comparedWith(path: string): (name: string, found: string) => void {
  const log = readFileSync(path, "utf8");
  return (name, found) => {
    const expected = logged(log, name);
    if (found === expected) return;
    process.exitCode = 1;
    console.error(`${name}: expected ${expected} as in build.log, found ${found}`);
  };
}
