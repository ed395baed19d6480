import type { MikroORM } from "@mikro-orm/postgresql";
import {
  clearUnsealed,
  expireUploads,
  extendForDowntime,
  handleJob,
  publishMissingWeights,
  scheduleSyntheticTasks,
  settleTask,
  type App,
  type JobQueue,
} from "../app/index.ts";
import type { HeldLeases } from "./db/index.ts";
import { startDeviceWork } from "./devices/index.ts";
import { openEvents, repeat, startAlarmClock, startSweeper, type LocalBroadcast } from "./events/index.ts";

const HOUSEKEEPING_MS = 10 * 60 * 1_000;
/** Room for jobs that take no time, beside those that work on a task for long: a seal's inspection must not wait for them. */
const SHORT_JOBS = 4;

export interface BackgroundOptions {
  readonly app: App;
  readonly orm: MikroORM;
  /** The database's, for the connection that listens. */
  readonly url: string;
  readonly queue: JobQueue;
  readonly broadcast: LocalBroadcast;
  readonly serverHeartbeatMs: number;
  /** The process's own: they bound how many tasks it prepares at once. */
  readonly leases: Pick<HeldLeases, "onRoom">;
  /** Tasks in work at once in this process; 0 leaves them, and all jobs, to others. */
  readonly concurrency: number;
  /** Models that are fetched from their sources at once in this process. */
  readonly fetches: number;
  /** Miners reach this process: only then does its sign of life count. */
  readonly serves: boolean;
}

export interface Background {
  stop(): Promise<void>;
}

/**
 * Everything that a server does on its own: relays the outbox, settles tasks when their time has come, works on jobs,
 * takes over what others dropped, and keeps its sign of life.
 */
export async function startBackground(options: BackgroundOptions): Promise<Background> {
  const { app, orm, queue, serverHeartbeatMs } = options;
  const { log } = app;
  // Downtime is seen not only at a start: a process may have been frozen, or its database away.
  const makeUpForDowntime = (beats = false): Promise<void> =>
    extendForDowntime(app, app.settings.downtimeAfterMs, beats);
  // Before anything can end at a deadline that passed while no server was there.
  await makeUpForDowntime();
  const heartbeat = repeat("the server's heartbeat", serverHeartbeatMs, log, () => makeUpForDowntime(options.serves));
  heartbeat.run();
  /** What comes first after an absence, or after the clock was set, must not end anything at a deadline of before. */
  const afterDowntime = async (work: () => Promise<void>): Promise<void> => {
    await makeUpForDowntime();
    await work();
  };
  const settle = (taskId: string): Promise<void> => afterDowntime(() => settleTask(app, taskId));
  const alarm = startAlarmClock({ orm, store: app.store, clock: app.clock, log, settle });
  const devices = options.concurrency > 0 && app.worker.devices.length > 0 ? await startDeviceWork(app) : null;
  const onBell = (): void => {
    alarm.run();
    devices?.run();
  };
  const events = await openEvents({ ...options, log, onBell });
  const parts: Background[] = [alarm, heartbeat, events, ...(devices ? [devices] : [])];
  if (options.concurrency > 0) {
    const sweeper = await startSweeper({
      orm,
      queue,
      heartbeatMs: app.settings.leases.heartbeatMs,
      clock: app.clock,
      log,
    });
    options.leases.onRoom(() => sweeper.sweep());
    parts.push(sweeper);
    const housekeeping = repeat("housekeeping", HOUSEKEEPING_MS, log, () => keepHouse(app));
    housekeeping.run();
    parts.push(housekeeping);
    // A job may stay with the devices that it has set to work.
    const jobs = options.concurrency + options.fetches + app.worker.devices.length + SHORT_JOBS;
    await queue.work(jobs, (job) => {
      const work = () => handleJob(app, job);
      // No other job ends anything at a deadline, and none should fail for a look at the database that it does not need.
      return job.name === "advance" ? afterDowntime(work) : work();
    });
  }
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
      if (options.serves) await makeUpForDowntime(true);
    },
  };
}

async function keepHouse(app: App): Promise<void> {
  await publishMissingWeights(app);
  await scheduleSyntheticTasks(app);
  await expireUploads(app);
  await clearUnsealed(app);
  const now = app.clock.now();
  const forgotten = new Date(now.getTime() - app.settings.idempotencyMs);
  await app.store.transaction(async (tx) => {
    await tx.remove("challenges", { expiresAt: { lt: now } });
    await tx.remove("idempotencyKeys", { createdAt: { lt: forgotten } });
  });
}
