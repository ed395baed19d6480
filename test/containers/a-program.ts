import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionNeeds } from "../../src/core/contract/index.ts";
import type { TestHost } from "../../src/core/contract/testing/test-host.ts";
import { scriptedNeeds } from "../../src/core/contract/testing/scripted-runner-cases.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** No package.json lies beside them in the container: their names say that they are modules. */
const PROGRAMS = [
  ["../../dist/src/core/contract/testing/scripted-evaluator.js", "scripted-evaluator.mjs"],
  ["attacks/programs/attacked-evaluator.mjs", "attacked-evaluator.mjs"],
  ["attacks/programs/attempt.mjs", "attempt.mjs"],
  ["attacks/programs/escapes.mjs", "escapes.mjs"],
  ["attacks/programs/exhaustion.mjs", "exhaustion.mjs"],
  ["attacks/programs/network.mjs", "network.mjs"],
  ["attacks/programs/spoofs.mjs", "spoofs.mjs"],
] as const;

/** A program that lies in a session's base folder, which every container sees. */
export const inBase = (file: string): readonly string[] => ["/usr/bin/node", `/session/base/${file}`];

/** Needs of a small task whose base folder holds evaluators that compute nothing. */
export async function needsWithPrograms(host: TestHost): Promise<SessionNeeds> {
  const needs = await scriptedNeeds(host);
  for (const [from, name] of PROGRAMS) await copyFile(source(from), join(needs.basePath, name));
  return needs;
}
