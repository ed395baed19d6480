import type { JsonObject } from "../../contract/index.ts";
import { ok } from "../../domain/index.ts";
import { hasScope, refuseScope } from "../accounts/scopes.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import { toSource, type DatasetSource } from "../dataset/read-source.ts";
import type { AppResult } from "../errors.ts";
import { withIdempotency } from "../idempotency.ts";
import { principalName, type Principal } from "../principal.ts";
import type { TaskRecord } from "../records.ts";
import { checkTaskInput, type CheckedTaskInput, type CreateTaskInput } from "./check-task-input.ts";
import { recordEvent } from "./transition.ts";

/** A customer (or the operator) posts a task: QUEUED, with its secret committed to. */
export async function createTask(
  app: App,
  principal: Principal,
  input: CreateTaskInput,
): Promise<AppResult<TaskRecord>> {
  const holdsKey = principal.kind === "CUSTOMER" || principal.kind === "OPERATOR";
  if (!holdsKey || !hasScope(principal, "tasks:write")) return refuseScope(principal, "tasks:write");
  const checked = await checkTaskInput(app, principal, input);
  if (!checked.ok) return checked;
  const kept = await toSource(app, checked.value.dataset);
  if (!kept.ok) return kept;
  const source = kept.value;
  const actor = principalName(principal);
  const call = {
    mutation: "createTask",
    key: input.idempotencyKey,
    body: bodyOf(input, source),
    table: "tasks",
  } as const;
  return withIdempotency(app, principal, call, async (tx, taskId) => {
    const task = newTask(app, taskId, principal.accountId, input, checked.value, source);
    await tx.insert("tasks", task);
    await recordEvent(app, tx, taskId, "taskCreated", {
      actor,
      toStatus: "QUEUED",
      data: { secretCommitment: task.secretCommitment },
    });
    await audit(app, tx, principal, "createTask", { taskId, origin: task.origin });
    await tx.ring("wake", "advance", { taskId });
    return ok(task);
  });
}

/** What makes two calls the same: the rows by their digest. */
function bodyOf(input: CreateTaskInput, source: DatasetSource): JsonObject {
  const { kind, title, baseModel, budgetSeconds, origin } = input;
  const spec: unknown = JSON.parse(JSON.stringify(input.spec ?? null));
  return {
    kind,
    title,
    baseModel: { ...baseModel },
    budgetSeconds,
    origin,
    dataset: { ...source },
    spec: spec as JsonObject,
  }; // plain JSON by construction
}

function newTask(
  app: App,
  id: string,
  customerId: string,
  input: CreateTaskInput,
  checked: CheckedTaskInput,
  source: DatasetSource,
): TaskRecord {
  return {
    id,
    kind: input.kind,
    origin: checked.origin,
    status: "QUEUED",
    version: 1,
    customerId,
    title: input.title,
    spec: checked.spec,
    specVersion: checked.specVersion,
    baseRepo: checked.base.repo,
    baseRevision: checked.base.revision,
    parameterCount: checked.base.parameterCount,
    datasetSource: { ...source },
    datasetRows: source.kind === "inline" ? source.rows : null,
    duplicatesRemoved: null,
    synthMethod: null,
    secretCommitment: app.secrets.sha256(app.secrets.taskSecret(id)),
    initialBudgetSeconds: input.budgetSeconds,
    grantedBudgetSeconds: input.budgetSeconds,
    minerTarget: null,
    delays: 0,
    deadline: null,
    dueAt: null,
    failure: null,
    blocked: null,
    infrastructureFailures: 0,
    taskWeight: null,
    createdAt: app.clock.now(),
    trainingStartedAt: null,
    scoredAt: null,
  };
}
