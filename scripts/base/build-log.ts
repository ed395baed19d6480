import { createHash } from "node:crypto";

/** Steps after which the weights' digest is logged early, so that a short rebuild can be compared. */
export const prefixSteps = 50;

export function sha256(bytes: string | NodeJS.ArrayBufferView): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The value of a `name = value` line of build.log. Throws if there is none. */
export function logged(log: string, name: string): string {
  const line = log.split("\n").find((candidate) => candidate.startsWith(`${name} = `));
  if (line === undefined) throw new Error(`expected a line "${name} = …" in build.log, found none`);
  return line.slice(name.length + 3);
}
