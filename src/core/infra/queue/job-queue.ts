import { createPostgresBackend, Queue, Worker, withBackend } from "bullmq";
import type { JobQueue, Log } from "../../app/ports.ts";
import type { JsonObject } from "../../contract/index.ts";

/** Where the queue lives: the two kinds of URL that BullMQ has a backend for. */
export type QueueLocation =
  { readonly backend: "postgres"; readonly url: string } | { readonly backend: "redis"; readonly url: string };

export interface JobQueueOptions {
  /** Queues of the same name share their jobs. */
  readonly name?: string;
  readonly log: Log;
}

/** Ids of finished jobs are kept for a while, so that a bell rung twice is one job even if the first was quick. */
const REMEMBER = { age: 3_600, count: 10_000 } as const;
/** Jobs of a process that was killed ring again after this; they are safe to repeat any number of times. */
const STALL = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1_000 } as const;
const KEEP = { removeOnComplete: REMEMBER, removeOnFail: REMEMBER } as const;
const JOB = { ...KEEP, attempts: 1 } as const;

/** The JobQueue port over BullMQ: one semantics on PostgreSQL and on Redis. */
export async function openJobQueue(location: QueueLocation, options: JobQueueOptions): Promise<JobQueue> {
  const { log } = options;
  const name = options.name ?? "gradients";
  let closing = false;
  // At the end the server may be gone before its last connection has heard that it is closed.
  const complain = (error: Error): void => {
    if (!closing) log.warn("the job queue has a problem", { error: error.message });
  };
  const { queue, makeWorker } =
    location.backend === "postgres" ? overPostgres(name, location.url) : overRedis(name, location.url);
  queue.on("error", complain);
  await queue.waitUntilReady();
  let worker: Awaited<ReturnType<typeof makeWorker>> | undefined;

  return {
    async ring({ id, name: job, data }) {
      await queue.add(job, data, { ...JOB, jobId: id });
    },
    async work(concurrency, handler) {
      if (worker) throw new Error("This queue is being worked already.");
      worker = makeWorker(concurrency, async (job) => {
        try {
          await handler({ name: job.name, data: job.data });
        } catch (error) {
          log.error("a job failed", { job: job.name, data: job.data, error: describe(error) });
        }
      });
      worker.on("error", complain);
      await worker.waitUntilReady();
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      await worker?.close();
      await queue.close();
    },
  };
}

type Processor = (job: { readonly name: string; readonly data: JsonObject }) => Promise<void>;

function overPostgres(name: string, url: string) {
  const bull = withBackend(createPostgresBackend);
  // A config, not a pool: only then does it migrate its schema and keep its listener out of the pool.
  const connection = { connectionString: url, migrate: true, max: 4 };
  return {
    queue: new bull.Queue<JsonObject>(name, { connection }),
    makeWorker: (concurrency: number, process: Processor) =>
      new bull.Worker<JsonObject>(name, process, { connection, concurrency, ...STALL, ...KEEP }),
  };
}

function overRedis(name: string, url: string) {
  const connection = { url, maxRetriesPerRequest: null };
  return {
    queue: new Queue<JsonObject>(name, { connection }),
    makeWorker: (concurrency: number, process: Processor) =>
      new Worker<JsonObject>(name, process, { connection, concurrency, ...STALL, ...KEEP }),
  };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
