import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import { tellMiners } from "./miner-events.ts";
import { recordEvent } from "./transition.ts";

const HEARTBEAT_ROW = 1;

/**
 * The server's own downtime is never charged: open deadlines and offers move by (now − last heartbeat). Two servers that
 * see it together extend once: the heartbeat row is locked and renewed in the same transaction.
 *
 * @param graceMs gaps up to this are the ordinary time between two heartbeats.
 * @param beats whether this is also a sign of life, of a process that miners reach. It is written by the transaction that
 *   has looked at the last one: a process that is frozen in between would hide that it was away.
 */
export async function extendForDowntime(app: App, graceMs: number, beats: boolean): Promise<void> {
  await app.store.transaction(async (tx) => {
    const last = await tx.findOne("serverHeartbeats", { id: HEARTBEAT_ROW }, { lock: "update" });
    const now = app.clock.now();
    const gapMs = last === null ? 0 : now.getTime() - last.at.getTime();
    const wasAway = gapMs > graceMs;
    if (beats || wasAway) await beat(tx, now);
    if (last === null || !wasAway) return;
    const moved = (moment: Date): Date => new Date(moment.getTime() + gapMs);
    for (const task of await tx.find(
      "tasks",
      { status: { in: ["RECRUITING", "TRAINING"] } },
      { orderBy: { id: "asc" }, lock: "update" },
    )) {
      await tx.update(
        "tasks",
        { id: task.id },
        {
          ...(task.deadline === null ? {} : { deadline: moved(task.deadline) }),
          ...(task.dueAt === null ? {} : { dueAt: moved(task.dueAt) }),
        },
      );
      for (const offer of await tx.find("offers", { taskId: task.id, status: "OPEN" })) {
        await tx.update("offers", { id: offer.id }, { expiresAt: moved(offer.expiresAt) });
      }
      await tellDeadline(app, tx, task, gapMs);
    }
    // Nobody could send a heartbeat meanwhile: whoever was online then counts as online now. Miners are locked after tasks.
    const onlineSince = new Date(last.at.getTime() - app.settings.recruiting.onlineWindowMs);
    await tx.update("miners", { lastHeartbeatAt: { gte: onlineSince } }, { lastHeartbeatAt: now });
  });
}

async function beat(tx: Tx, at: Date): Promise<void> {
  const changed = await tx.update("serverHeartbeats", { id: HEARTBEAT_ROW, at: { lt: at } }, { at });
  if (changed === 0) await tx.insertIfAbsent("serverHeartbeats", { id: HEARTBEAT_ROW, at });
}

async function tellDeadline(app: App, tx: Tx, task: TaskRecord, gapMs: number): Promise<void> {
  if (task.deadline === null) return;
  const deadline = new Date(task.deadline.getTime() + gapMs).toISOString();
  await recordEvent(app, tx, task.id, "deadlineExtended", {
    actor: "scheduler",
    data: { deadline, downtimeMs: gapMs },
  });
  const active = await tx.find("assignments", { taskId: task.id, status: "ACTIVE" });
  await tellMiners(
    app,
    tx,
    active.map(({ id, minerId }) => ({
      minerId,
      type: "DeadlineChanged",
      taskId: task.id,
      cause: `${id}:${deadline}`,
      payload: { taskId: task.id, assignmentId: id, deadline, reason: "the server was down" },
    })),
  );
}
