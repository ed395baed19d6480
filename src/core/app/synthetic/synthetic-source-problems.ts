import { createRng } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { SyntheticSource } from "../settings.ts";
import { checkTaskInput } from "../tasks/check-task-input.ts";
import { schedulerOf, syntheticTaskInput } from "./synthetic-task-input.ts";

const SEED_BYTES = 16;

/**
 * What is wrong with the operator's synthetic tasks, one line each that begins with the place; nothing where they are
 * switched off. Files are read and a dataset is generated of each source, so that a start that succeeds means something.
 */
export async function syntheticSourceProblems(app: App): Promise<readonly string[]> {
  const { enabled, sources, shares } = app.settings.synthetic;
  if (!enabled) return [];
  const problems: string[] = [];
  const unknown = Object.keys(shares).filter((kind) => app.registry.taskType(kind) === undefined);
  if (unknown.length > 0) problems.push(`SYNTHETIC_SHARES: there is no task type ${unknown.join(", ")}`);
  for (const [index, source] of sources.entries()) {
    const problem = await sourceProblem(app, source);
    if (problem !== null) problems.push(`SYNTHETIC_SOURCES: ${index}.${problem}`);
  }
  const drawn = problems.length > 0 || sources.some(({ kind }) => (app.registry.shares(shares)[kind] ?? 0) > 0);
  return drawn ? problems : ["SYNTHETIC_SOURCES: expected a source of a task type that has a share, found none"];
}

async function sourceProblem(app: App, source: SyntheticSource): Promise<string | null> {
  const rng = createRng(Buffer.from(app.secrets.randomHex(SEED_BYTES), "hex"));
  const input = await syntheticTaskInput(app, source, "a rehearsal", rng);
  if (!input.ok) return line(input.error);
  const checked = await checkTaskInput(app, schedulerOf(app), input.value);
  if (!checked.ok) return line(checked.error);
  const { rows } = input.value;
  const { minRows } = app.settings.dataset;
  if (rows === null)
    return source.budgetSeconds === null ? "rows: must say for how many rows the time budget is drawn" : null;
  return rows < minRows ? `dataset: expected at least ${minRows} rows, found ${rows}` : null;
}

/** Paths of a task's input begin with "input". */
function line({ path, message }: { readonly path?: readonly string[]; readonly message: string }): string {
  const [, ...place] = path ?? [];
  return `${place.join(".") || "kind"}: ${message}`;
}
