import { delayedBudgetSeconds } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { OfferRecord, OfferStatus, TaskRecord } from "../records.ts";
import { failTransition } from "../tasks/fail-transition.ts";
import { tellMiners } from "../tasks/miner-events.ts";
import { baseOf, specOf } from "../tasks/task-needs.ts";
import { lockTask, transition } from "../tasks/transition.ts";
import { makeOffers, minerTarget, poolRange } from "./offer-wave.ts";
import { startTraining } from "./start-training.ts";

/**
 * Brings a RECRUITING task as far as it can go now: closes offers whose window is over, refills, and when everybody has
 * answered starts the training or delays. Safe to call at any time by anybody: the task's row is locked.
 *
 * @throws InfrastructureError before anything is written, where the task's plugin or base is gone.
 */
export async function recruitMiners(app: App, tx: Tx, taskId: string): Promise<void> {
  const locked = await lockTask(tx, taskId);
  if (locked?.status !== "RECRUITING" || locked.blocked !== null) return;
  // Both are asked for before anything is written: a task without them waits as it is.
  specOf(app, locked);
  await baseOf(app, locked);
  const task = await withTarget(app, tx, locked);
  const offers = await tx.find("offers", { taskId, round: task.delays }, { orderBy: { wave: "asc", id: "asc" } });
  const open = await closeExpired(app, tx, offers);
  if (open.length > 0) {
    await tx.update("tasks", { id: taskId }, { dueAt: earliest(open) });
    return;
  }
  const target = task.minerTarget ?? 0;
  const accepted = offers.filter(({ status }) => status === "ACCEPTED").length;
  if (accepted < target) {
    const windowEnds = await makeOffers(app, tx, task, offers, target - accepted);
    if (windowEnds !== null) {
      await tx.update("tasks", { id: taskId }, { dueAt: windowEnds });
      return;
    }
  }
  const minMiners = app.settings.recruiting.minMiners ?? poolRange(app, task).min;
  if (accepted >= Math.min(minMiners, target)) await startTraining(app, tx, task);
  else await delay(app, tx, task, { accepted, minMiners });
}

async function withTarget(app: App, tx: Tx, task: TaskRecord): Promise<TaskRecord> {
  if (task.minerTarget !== null) return task;
  const target = minerTarget(app, task);
  await tx.update("tasks", { id: task.id }, { minerTarget: target });
  return { ...task, minerTarget: target };
}

/** Marks offers past their window EXPIRED and returns those still open. */
async function closeExpired(app: App, tx: Tx, offers: readonly OfferRecord[]): Promise<readonly OfferRecord[]> {
  const now = app.clock.now();
  const open = offers.filter(({ status }) => status === "OPEN");
  const expired = open.filter(({ expiresAt }) => expiresAt <= now);
  if (expired.length > 0) {
    await tx.update(
      "offers",
      { id: { in: expired.map(({ id }) => id) }, status: "OPEN" },
      { status: "EXPIRED", answeredAt: now },
    );
    await tellMiners(
      app,
      tx,
      expired.map((offer) => offerClosed(offer, "EXPIRED")),
    );
  }
  return open.filter(({ expiresAt }) => expiresAt > now);
}

/** The event that ends an offer, for the miner that had it. */
export const offerClosed = (offer: OfferRecord, status: OfferStatus) =>
  ({
    minerId: offer.minerId,
    type: "OfferClosed",
    taskId: offer.taskId,
    cause: `${offer.id}:${status}`,
    payload: { offerId: offer.id, taskId: offer.taskId, status },
  }) as const;

const earliest = (offers: readonly OfferRecord[]): Date =>
  new Date(Math.min(...offers.map(({ expiresAt }) => expiresAt.getTime())));

/** Too few miners: the accepted are released without penalty, and the task comes back later with a longer budget. */
async function delay(
  app: App,
  tx: Tx,
  task: TaskRecord,
  found: { readonly accepted: number; readonly minMiners: number },
): Promise<void> {
  const { maxDelays, delayBackoffMs, delayExtensionSeconds } = app.settings.recruiting;
  await releaseAccepted(app, tx, task);
  if (task.delays >= maxDelays) {
    const message = `needs ${found.minMiners} miners, ${found.accepted} accepted after ${task.delays} delays; post it again when more miners are online`;
    await failTransition(app, tx, task, { code: "NO_MINERS", message, actor: "scheduler" });
    return;
  }
  const delays = task.delays + 1;
  await transition(app, tx, task, "recruitingDelayed", {
    actor: "scheduler",
    data: { ...found, delays },
    patch: {
      delays,
      grantedBudgetSeconds: Math.round(delayedBudgetSeconds(task.initialBudgetSeconds, delays, delayExtensionSeconds)),
      dueAt: new Date(app.clock.now().getTime() + delayBackoffMs),
    },
  });
}

/** Ends the accepted places of a task that doesn't start: nobody is charged. */
export async function releaseAccepted(app: App, tx: Tx, task: TaskRecord): Promise<void> {
  const now = app.clock.now();
  const held = await tx.find("offers", { taskId: task.id, status: { in: ["OPEN", "ACCEPTED"] }, round: task.delays });
  await tx.update(
    "offers",
    { taskId: task.id, status: { in: ["OPEN", "ACCEPTED"] } },
    { status: "WITHDRAWN", answeredAt: now },
  );
  await tx.update("assignments", { taskId: task.id, status: "ACCEPTED" }, { status: "RELEASED", endedAt: now });
  await tellMiners(
    app,
    tx,
    held.map((offer) => offerClosed(offer, "WITHDRAWN")),
  );
}
