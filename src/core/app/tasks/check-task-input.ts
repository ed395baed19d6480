import type { AnyTaskType, JsonObject } from "../../contract/index.ts";
import { ok, type TaskOrigin } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { mapRows } from "../dataset/map-rows.ts";
import { parseDataset, type DatasetInput } from "../dataset/read-source.ts";
import { fail, type AppResult } from "../errors.ts";
import { parseInput } from "../parse-input.ts";
import type { BaseModelInfo } from "../ports.ts";
import type { Principal } from "../principal.ts";
import { unkeepableText } from "./unkeepable-text.ts";

export interface CreateTaskInput {
  readonly kind: string;
  readonly idempotencyKey: string;
  readonly title: string;
  readonly baseModel: { readonly repo: string; readonly revision: string | null };
  /** Rows, a URL or a file of a hub; parsed here. */
  readonly dataset: unknown;
  readonly budgetSeconds: number;
  readonly spec: unknown;
  readonly origin: TaskOrigin | null;
}

/** Everything that is checked before anything is spent. */
export interface CheckedTaskInput {
  readonly dataset: DatasetInput;
  readonly base: BaseModelInfo;
  readonly spec: JsonObject;
  readonly specVersion: number;
  readonly origin: TaskOrigin;
}

/** Whether a task like this could be posted by this principal: nothing is kept yet. */
export async function checkTaskInput(
  app: App,
  principal: Principal,
  input: CreateTaskInput,
): Promise<AppResult<CheckedTaskInput>> {
  const origin = input.origin ?? "ORGANIC";
  if (origin !== "ORGANIC" && principal.kind !== "OPERATOR") {
    return fail("FORBIDDEN", `only the operator creates ${origin} tasks: leave origin out`, ["input", "origin"]);
  }
  const taskType = app.registry.taskType(input.kind);
  if (taskType === undefined)
    return fail(
      "UNKNOWN_TASK_TYPE",
      `expected one of ${[...app.registry.taskTypes.keys()].join(", ")}, found ${input.kind}`,
    );
  const spec = parseInput(taskType.spec, input.spec, ["input", "spec"]);
  if (!spec.ok) return spec;
  const unkeepable = unkeepableText(spec.value);
  if (unkeepable !== null) {
    const message = "expected well-formed Unicode without NUL characters";
    return fail("INVALID_INPUT", message, ["input", "spec", ...unkeepable]);
  }
  if (taskType.carriesCode?.(spec.value) === true && !app.settings.evaluation.allowCode) {
    const message = "this operator takes no tasks that bring code along: use built-in functions, or ask the operator";
    return fail("CODE_NOT_ALLOWED", message, ["input", "spec"]);
  }
  const base = await app.bases.find(input.baseModel.repo, input.baseModel.revision);
  if (base === null) {
    const known = (await app.bases.list()).map(({ repo, revision }) => `${repo}@${revision.slice(0, 8)}`).join(", ");
    const asked =
      input.baseModel.revision === null ? input.baseModel.repo : `${input.baseModel.repo}@${input.baseModel.revision}`;
    return fail("UNKNOWN_BASE_MODEL", `expected one of ${known || "(no base model is installed)"}, found ${asked}`, [
      "input",
      "baseModel",
    ]);
  }
  const misfit = taskType.baseProblem?.(base.config) ?? null;
  if (misfit !== null) return fail("UNFIT_BASE_MODEL", `${base.repo}: ${misfit}`, ["input", "baseModel"]);
  const { minSeconds, maxSeconds } = app.settings.budget;
  if (!(input.budgetSeconds >= minSeconds && input.budgetSeconds <= maxSeconds)) {
    return fail(
      "BUDGET_OUT_OF_BOUNDS",
      `expected ${minSeconds} to ${maxSeconds} seconds, found ${input.budgetSeconds}`,
      ["input", "budgetSeconds"],
    );
  }
  const dataset = parseDataset(input.dataset);
  if (!dataset.ok) return dataset;
  const rows =
    "rows" in dataset.value ? await checkRows(app, taskType, spec.value, dataset.value.rows) : ok(true as const);
  if (!rows.ok) return rows;
  const stored: unknown = JSON.parse(JSON.stringify(spec.value));
  return ok({ base, origin, dataset: dataset.value, specVersion: taskType.specVersion, spec: stored as JsonObject }); // JSON of a parsed zod object
}

/** Rows that are sent along are checked at once; others when they are fetched. */
async function checkRows(
  app: App,
  taskType: AnyTaskType,
  spec: Readonly<Record<string, unknown>>,
  rows: readonly JsonObject[],
): Promise<AppResult<true>> {
  const { maxRows, maxBytes } = app.settings.dataset;
  if (rows.length > maxRows) {
    return fail("DATASET_TOO_LARGE", `expected at most ${maxRows} rows, found ${rows.length}`, [
      "input",
      "dataset",
      "rows",
    ]);
  }
  const mapped = await mapRows(taskType, spec, rows, { maxBytes });
  return mapped.ok ? ok(true) : mapped;
}
