import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { SyntheticDataset, SyntheticSource } from "../../app/settings.ts";
import { err, ok, type Result } from "../../domain/index.ts";

/** A task file without what only a single task has; whether its parts fit together is for the task types to say. */
const source = z.strictObject({
  kind: z.string().min(1),
  title: z.string().min(1),
  baseModel: z.strictObject({ repo: z.string().min(1), revision: z.string().min(1).nullable().default(null) }),
  dataset: z.record(z.string(), z.unknown()),
  spec: z.record(z.string(), z.unknown()).default({}),
  budgetSeconds: z.int().positive().nullable().default(null),
  rows: z.int().positive().nullable().default(null),
});

const sourceList = z.array(source).superRefine((sources, context) => {
  const seen = new Set<string>();
  for (const [index, { kind, title }] of sources.entries()) {
    const name = JSON.stringify([kind, title]);
    if (seen.has(name))
      context.addIssue({ code: "custom", path: [index, "title"], message: "must differ within a kind" });
    seen.add(name);
  }
});

/**
 * What synthetic tasks are made of: a path of a JSON file (relative ones start in the working folder), or its text where
 * that begins with "[". Datasets' `file`s are found from the file's own folder. The error has a line for each problem.
 */
export function readSyntheticSources(
  given: string,
  workingFolder: string,
): Result<readonly SyntheticSource[], readonly string[]> {
  if (given === "") return ok([]);
  const inline = given.trimStart().startsWith("[");
  const path = resolve(workingFolder, given);
  const folder = inline ? workingFolder : dirname(path);
  const name = inline ? "" : `${path}: `;
  const text = inline ? given : readText(path);
  if (text === null) return err([`expected a list of sources or a file with one, found no readable file at ${path}`]);
  const parsed = sourceList.safeParse(parseJson(text));
  if (parsed.success) return ok(parsed.data.map((one) => ({ ...one, dataset: toDataset(one.dataset, folder) })));
  return err(
    parsed.error.issues.map(({ path: at, message }) => `${name}${at.length > 0 ? `${at.join(".")}: ` : ""}${message}`),
  );
}

function toDataset(dataset: Readonly<Record<string, unknown>>, folder: string): SyntheticDataset {
  const { file, generate, ...others } = dataset;
  const alone = Object.keys(others).length === 0;
  if (alone && typeof file === "string" && generate === undefined) return { from: "file", path: resolve(folder, file) };
  if (alone && generate !== undefined && file === undefined) return { from: "generator", options: generate };
  return { from: "input", input: dataset };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Text that is no JSON: no list. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
