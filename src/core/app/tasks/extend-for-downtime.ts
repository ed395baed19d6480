import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import { tellMiners } from "./miner-events.ts";
import { recordEvent } from "./transition.ts";

const HEARTBEAT_ROW = 1;
/** A last heartbeat that lies ahead by more means that the clock was set back: clocks of two servers differ by less. */
const SET_BACK_MS = 60_000;

/**
 * The server's own downtime is never charged: open deadlines and offers move by (now − last heartbeat). So does a clock
 * that is set, ahead or back: what was left to miners at the last heartbeat is left to them now. Two servers that
 * see it together move them once: the heartbeat row is locked and renewed in the same transaction.
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
    const jumped = gapMs > graceMs || gapMs < -SET_BACK_MS;
    if (beats || jumped) await beat(tx, now, jumped);
    if (last === null || !jumped) return;
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

/** A server whose clock is behind another's leaves the other's heartbeat, unless it `replaces` it. */
async function beat(tx: Tx, at: Date, replaces: boolean): Promise<void> {
  const before = replaces ? {} : { at: { lt: at } };
  const changed = await tx.update("serverHeartbeats", { id: HEARTBEAT_ROW, ...before }, { at });
  if (changed === 0) await tx.insertIfAbsent("serverHeartbeats", { id: HEARTBEAT_ROW, at });
}

async function tellDeadline(app: App, tx: Tx, task: TaskRecord, gapMs: number): Promise<void> {
  if (task.deadline === null) return;
  const deadline = new Date(task.deadline.getTime() + gapMs).toISOString();
  await recordEvent(app, tx, task.id, "deadlineExtended", {
    actor: "scheduler",
    data: { deadline, downtimeMs: gapMs },
  });
  const reason = gapMs > 0 ? "the server was down" : "the server's clock was set back";
  const active = await tx.find("assignments", { taskId: task.id, status: "ACTIVE" });
  await tellMiners(
    app,
    tx,
    active.map(({ id, minerId }) => ({
      minerId,
      type: "DeadlineChanged",
      taskId: task.id,
      // Each time anew: a clock that is set ahead and back and ahead again gives the same deadline twice.
      cause: app.ids.random(),
      payload: { taskId: task.id, assignmentId: id, deadline, reason },
    })),
  );
}
