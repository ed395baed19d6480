import { drawTimeBudgetSeconds, ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { SyntheticSource } from "../settings.ts";
import type { CreateTaskInput } from "../tasks/check-task-input.ts";
import { sourceDataset } from "./source-dataset.ts";

/** Who posts synthetic tasks: the operator of this server. */
export const schedulerOf = (app: Pick<App, "ids">): Principal => ({
  kind: "OPERATOR",
  scopes: [],
  accountId: app.ids.derived("account", "operator"),
});

/** One task made of a source: rows and time budget (eq 3, 4) are drawn from `rng`. */
export async function syntheticTaskInput(
  app: App,
  source: SyntheticSource,
  idempotencyKey: string,
  rng: () => number,
): Promise<AppResult<CreateTaskInput & { readonly rows: number | null }>> {
  const dataset = await sourceDataset(app, source, rng);
  if (!dataset.ok) return dataset;
  const { kind, title, baseModel, spec } = source;
  const { input, rows } = dataset.value;
  return ok({
    kind,
    idempotencyKey,
    title,
    baseModel,
    dataset: input,
    budgetSeconds: source.budgetSeconds ?? (await drawnBudget(app, source, rows ?? 0, rng)),
    spec,
    origin: "SYNTHETIC",
    rows,
  });
}

/** Between the type's bounds, and inside of the operator's. */
async function drawnBudget(app: App, source: SyntheticSource, rows: number, rng: () => number): Promise<number> {
  const { minSeconds, maxSeconds } = app.settings.budget;
  const taskType = app.registry.taskType(source.kind);
  const base = await app.bases.find(source.baseModel.repo, source.baseModel.revision);
  // Without one of them there will be no task: whoever checks the input says why.
  if (taskType === undefined || base === null) return minSeconds;
  const { parameterCount, contextLength, config: baseConfig } = base;
  const hours = taskType.timeBudgetHours({ taskId: "", parameterCount, rows, contextLength, baseConfig });
  return Math.round(Math.min(maxSeconds, Math.max(minSeconds, drawTimeBudgetSeconds(hours, rng))));
}
