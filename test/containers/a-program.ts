import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionNeeds } from "../../src/core/contract/index.ts";
import type { TestHost } from "../../src/core/contract/testing/test-host.ts";
import { scriptedNeeds } from "../../src/core/contract/testing/scripted-runner-cases.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A program that lies in a session's base folder, which every container sees. */
export const inBase = (file: string): readonly string[] => ["/usr/bin/node", `/session/base/${file}`];

/** Needs of a small task whose base folder holds evaluators that compute nothing. */
export async function needsWithPrograms(host: TestHost): Promise<SessionNeeds> {
  const needs = await scriptedNeeds(host);
  await mkdir(needs.basePath, { recursive: true });
  // No package.json lies beside it in there: the name says that it is a module.
  await copyFile(
    source("../../dist/src/core/contract/testing/scripted-evaluator.js"),
    join(needs.basePath, "scripted-evaluator.mjs"),
  );
  await copyFile(source("./attacks/attacked-evaluator.mjs"), join(needs.basePath, "attacked-evaluator.mjs"));
  return needs;
}
