import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import type { AppResult } from "../errors.ts";
import type { Tx } from "../ports.ts";
import { principalName, type Principal } from "../principal.ts";
import { offerClosed } from "../recruiting/recruit-miners.ts";
import type { TaskRecord } from "../records.ts";
import { tellMiners } from "./miner-events.ts";
import { runningTask } from "./task-access.ts";
import { transition } from "./transition.ts";

/** Any task that has not ended can be cancelled by its owner or the operator; nobody is charged. */
export async function cancelTask(
  app: App,
  principal: Principal,
  input: { readonly taskId: string },
): Promise<AppResult<TaskRecord>> {
  return app.store.transaction(async (tx) => {
    const task = await runningTask(tx, principal, input.taskId);
    if (!task.ok) return task;
    await audit(app, tx, principal, "cancelTask", { taskId: input.taskId });
    const actor = principalName(principal);
    const failure = {
      code: "CANCELLED",
      message: `cancelled by the ${principal.kind.toLowerCase()}`,
      stage: task.value.status,
      logTail: null,
    } as const;
    await freeMiners(app, tx, task.value);
    return ok(
      await transition(app, tx, task.value, "cancelled", { actor, patch: { failure, blocked: null, dueAt: null } }),
    );
  });
}

/** Ends offers and assignments of a task that stops, and tells those who had them. */
export async function freeMiners(app: App, tx: Tx, task: TaskRecord): Promise<void> {
  const now = app.clock.now();
  const open = await tx.find("offers", { taskId: task.id, status: "OPEN" });
  const held = await tx.find("assignments", { taskId: task.id, status: { in: ["ACCEPTED", "ACTIVE"] } });
  await tx.update("offers", { taskId: task.id, status: "OPEN" }, { status: "WITHDRAWN", answeredAt: now });
  await tx.update(
    "assignments",
    { taskId: task.id, status: { in: ["ACCEPTED", "ACTIVE"] } },
    { status: "RELEASED", endedAt: now },
  );
  await tellMiners(app, tx, [
    ...open.map((offer) => offerClosed(offer, "WITHDRAWN")),
    ...held.map(({ id, minerId }) => ({
      minerId,
      type: "TaskCancelled" as const,
      taskId: task.id,
      cause: id,
      payload: { taskId: task.id, assignmentId: id },
    })),
  ]);
}
