import { isTerminal } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { prepareTask } from "../dataset/prepare-task.ts";
import { canPrepare } from "../dataset/rehearse-task.ts";
import { noteUnfitDevices } from "../devices/note-unfit-devices.ts";
import { serveDevices } from "../devices/serve-devices.ts";
import { finishEvaluation } from "../evaluation/finish-evaluation.ts";
import type { Lease } from "../ports.ts";
import { closeTraining } from "../recruiting/close-training.ts";
import { recruitMiners } from "../recruiting/recruit-miners.ts";
import type { TaskRecord } from "../records.ts";
import { isHeldBack, noteInfrastructureFailure } from "./infrastructure-failure.ts";
import { lockTask, StaleTaskError, transition } from "./transition.ts";

/** The stages that take long: somebody holds them by a lease. */
const UNDER_LEASE: ReadonlySet<TaskRecord["status"]> = new Set(["QUEUED", "PREPARING", "EVALUATING"]);

/** The lease that PREPARING is held by; models that are evaluated have leases of their own. */
export const taskLease = (taskId: string): string => `task:${taskId}`;

/**
 * Does what a task needs now that takes no time: closes offer windows, refills, ends back-offs, closes the training, and
 * rings for long work that has waited long enough. The alarm clock calls it at `dueAt`; anybody may at any time.
 */
export async function settleTask(app: App, taskId: string): Promise<void> {
  try {
    await app.store.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task === null || task.blocked !== null) return;
      if (UNDER_LEASE.has(task.status)) {
        if (task.dueAt === null || isHeldBack(app, task)) return;
        await tx.update("tasks", { id: taskId }, { dueAt: null });
        return tx.ring("wake", "advance", { taskId });
      }
      if (task.status === "DELAYED" && task.dueAt !== null && task.dueAt <= app.clock.now()) {
        await transition(app, tx, task, "recruitingResumed", { actor: "scheduler", patch: { dueAt: null } });
      }
      await recruitMiners(app, tx, taskId);
      await closeTraining(app, tx, taskId);
    });
  } catch (error) {
    if (!(error instanceof StaleTaskError)) await noteInfrastructureFailure(app, taskId, error);
  }
}

/** All that a task needs now, the long stages included: what a ringing job does, and the sweep after a start. */
export async function advanceTask(app: App, taskId: string): Promise<void> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task === null || isTerminal(task.status)) return;
  if (task.status === "QUEUED" || task.status === "PREPARING") {
    if (await canPrepare(app, task)) await underLease(app, taskId, prepare);
  } else await settleTask(app, taskId);
  const settled = await app.store.findOne("tasks", { id: taskId });
  if (settled?.status !== "EVALUATING") return;
  await serveDevices(app);
  await finishEvaluation(app, taskId);
  const waiting = await app.store.findOne("tasks", { id: taskId });
  if (waiting?.status === "EVALUATING" && !isHeldBack(app, waiting)) await noteUnfitDevices(app, waiting);
}

async function underLease(
  app: App,
  taskId: string,
  work: (app: App, lease: Lease, task: TaskRecord) => Promise<void>,
): Promise<void> {
  await app.leases.withLease(taskLease(taskId), async (lease) => {
    const task = await app.store.findOne("tasks", { id: taskId });
    if (task === null || isTerminal(task.status) || isHeldBack(app, task)) return;
    try {
      await work(app, lease, task);
    } catch (error) {
      if (error instanceof StaleTaskError) {
        app.log.info("somebody else moved the task", { taskId, reason: error.message });
        return;
      }
      // The work was called off, because the lease is lost or the process ends: that is nobody's failure.
      if (lease.signal.aborted) throw error;
      await noteInfrastructureFailure(app, taskId, error, lease);
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
