import type { MikroORM } from "@mikro-orm/postgresql";
import type { JobQueue, Log } from "../../app/ports.ts";
import { claimOutbox, notifyTopics, pruneOutbox, type ClaimedRow } from "../db/index.ts";
import { repeat, type Repeated } from "./repeated.ts";
import { packTopics } from "./topic-messages.ts";

/** The bell does the work; this only makes up for a lost one. */
const FALLBACK_MS = 5_000;
const PRUNE_MS = 10 * 60 * 1_000;

/**
 * Empties the outbox: rings the queue for `wake` rows (the row's number is the job's id, so that ringing again changes
 * nothing) and tells every server process about `topic` rows.
 *
 * Any number of processes may relay. Each row is claimed by one of them, in any order of numbers and commits (no cursor
 * is kept that a late commit could slip under), and topics reach the others by NOTIFY in the claiming transaction:
 * subscribers of every node hear of a row if and only if it is marked as told.
 */
export function startRelay(orm: MikroORM, queue: Pick<JobQueue, "ring">, log: Log): Repeated {
  const tellTopics = repeat("telling topics", FALLBACK_MS, log, async () => {
    while ((await claimOutbox(orm, "topic", (rows, em) => notifyTopics(em, packTopics(rows)))) > 0);
  });
  const ringJobs = repeat("ringing jobs", FALLBACK_MS, log, async () => {
    const ring = async (rows: readonly ClaimedRow[]): Promise<void> => {
      for (const { sequence, topic, payload } of rows) {
        await queue.ring({ id: `outbox-${sequence}`, name: topic, data: payload });
      }
    };
    while ((await claimOutbox(orm, "wake", ring)) > 0);
  });
  const prune = repeat("pruning the outbox", PRUNE_MS, log, () => pruneOutbox(orm));
  const parts = [tellTopics, ringJobs];
  for (const part of parts) part.run();
  return {
    run() {
      for (const part of parts) part.run();
    },
    async stop() {
      await Promise.all([...parts, prune].map((part) => part.stop()));
    },
  };
}
