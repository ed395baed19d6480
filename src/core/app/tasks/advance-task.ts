import { isTerminal } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { prepareTask } from "../dataset/prepare-task.ts";
import { evaluateTask } from "../evaluation/evaluate-task.ts";
import type { Lease } from "../ports.ts";
import { closeTraining } from "../recruiting/close-training.ts";
import { recruitMiners } from "../recruiting/recruit-miners.ts";
import type { TaskRecord } from "../records.ts";
import { lockTask, StaleTaskError, transition } from "./transition.ts";

/** The lease that PREPARING and EVALUATING are held by. */
export const taskLease = (taskId: string): string => `task:${taskId}`;

/**
 * Does what a task needs now that takes no time: closes offer windows, refills, ends back-offs, closes the training.
 * The alarm clock calls it at `dueAt`; anybody may at any time.
 */
export async function settleTask(app: App, taskId: string): Promise<void> {
  try {
    await app.store.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task === null) return;
      if (task.status === "DELAYED" && task.dueAt !== null && task.dueAt <= app.clock.now()) {
        await transition(app, tx, task, "recruitingResumed", { actor: "scheduler", patch: { dueAt: null } });
      }
      await recruitMiners(app, tx, taskId);
      await closeTraining(app, tx, taskId);
    });
  } catch (error) {
    if (!(error instanceof StaleTaskError)) throw error;
  }
}

/** All that a task needs now, the long stages included: what a ringing job does, and the sweep after a start. */
export async function advanceTask(app: App, taskId: string): Promise<void> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task === null || isTerminal(task.status)) return;
  if (task.status === "QUEUED" || task.status === "PREPARING") await underLease(app, taskId, prepare);
  else await settleTask(app, taskId);
  const settled = await app.store.findOne("tasks", { id: taskId });
  if (settled?.status === "EVALUATING" && settled.blocked === null) await underLease(app, taskId, evaluateTask);
}

async function underLease(
  app: App,
  taskId: string,
  work: (app: App, lease: Lease, task: TaskRecord) => Promise<void>,
): Promise<void> {
  await app.leases.withLease(taskLease(taskId), async (lease) => {
    const task = await app.store.findOne("tasks", { id: taskId });
    if (task === null || isTerminal(task.status)) return;
    try {
      await work(app, lease, task);
    } catch (error) {
      if (!(error instanceof StaleTaskError)) throw error;
      app.log.info("somebody else moved the task", { taskId, reason: error.message });
    }
  });
}

async function prepare(app: App, lease: Lease, task: TaskRecord): Promise<void> {
  const preparing =
    task.status !== "QUEUED"
      ? task
      : await app.store.transaction(async (tx) => {
          await app.leases.assertHeld(tx, lease);
          return transition(app, tx, task, "preparationStarted", { actor: "scheduler" });
        });
  if (preparing.status === "PREPARING") await prepareTask(app, lease, preparing);
}
