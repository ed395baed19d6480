import { randomUUID } from "node:crypto";
import type { MikroORM } from "@mikro-orm/postgresql";
import type { Clock, JobQueue, Log } from "../../app/ports.ts";
import { dropDeadLeases, dueFetchIds, pendingSubmissionIds, unfinishedTaskIds, workableTaskIds } from "../db/index.ts";
import { repeat, type Repeated } from "./repeated.ts";

/** Work that nobody does although it is there to be done is rung for again after this. */
const FORGOTTEN_MS = 30_000;

/** So that a holder's silence is noticed soon after it has lasted long enough. */
const LOOKS_PER_HEARTBEAT = 4;

export interface SweeperOptions {
  readonly orm: MikroORM;
  readonly queue: Pick<JobQueue, "ring">;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A sweeper that can be told to ring for everything now. */
export interface Sweeper extends Repeated {
  sweep(): void;
}

/**
 * Rings for work that was dropped: for every unfinished task at the start, for the tasks in work as soon as a holder has
 * gone silent, and now and then for all that is there to be worked on. Whoever does hold such a task is left alone.
 */
export async function startSweeper({ orm, queue, heartbeatMs, clock, log }: SweeperOptions): Promise<Sweeper> {
  const ringAll = async (taskIds: readonly string[], submissionIds: readonly string[]): Promise<void> => {
    const sweep = randomUUID();
    for (const taskId of taskIds) await queue.ring({ id: `${sweep}-${taskId}`, name: "advance", data: { taskId } });
    for (const submissionId of submissionIds) {
      await queue.ring({ id: `${sweep}-${submissionId}`, name: "inspect", data: { submissionId } });
    }
  };
  /** Rung for as soon as they are due: nothing else wakes up for them. */
  const ringFetches = async (): Promise<void> => {
    for (const submissionId of await dueFetchIds(orm, clock.now())) {
      await queue.ring({ id: randomUUID(), name: "fetch", data: { submissionId } });
    }
  };
  await ringAll(await unfinishedTaskIds(orm), await pendingSubmissionIds(orm));
  let sweptAt = performance.now();
  const sweeper = repeat("the sweeper", heartbeatMs / LOOKS_PER_HEARTBEAT, log, async () => {
    const dead = await dropDeadLeases(orm, heartbeatMs);
    await ringFetches();
    if (dead.size > 0) log.warn("work is taken over from holders that went silent", { resources: [...dead] });
    else if (performance.now() - sweptAt < FORGOTTEN_MS) return;
    sweptAt = performance.now();
    await ringAll(await workableTaskIds(orm), await pendingSubmissionIds(orm));
  });
  return {
    ...sweeper,
    sweep() {
      sweptAt = Number.NEGATIVE_INFINITY;
      sweeper.run();
    },
  };
}
