import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { JobQueue, Log } from "../../src/core/app/ports.ts";

export type OpenQueue = (name: string, log: Log) => Promise<JobQueue>;

/** What every JobQueue does, whatever it lives in; skipped where there is a reason to. */
export function testJobQueue(title: string, openQueue: OpenQueue, skip: string | null = null): void {
  describe.skipIf(skip !== null)(`the job queue on ${title}`, () => {
    const opened: JobQueue[] = [];
    const errors: string[] = [];
    const note = (message: string): void => void errors.push(message);
    const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note };
    const open = async (name: string): Promise<JobQueue> => {
      const queue = await openQueue(name, log);
      opened.push(queue);
      return queue;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue[Symbol.asyncDispose]()));
      errors.length = 0;
    });

    it("hands a rung job to the handler, with its name and data", async () => {
      const queue = await open(randomUUID());
      const seen = Promise.withResolvers<unknown>();
      await queue.work(1, async (job) => seen.resolve(job));
      await queue.ring({ id: "job-1", name: "advance", data: { taskId: "x", deep: [1, null] } });
      expect(await seen.promise).toEqual({ name: "advance", data: { taskId: "x", deep: [1, null] } });
    });

    it("keeps what is rung before anybody works", async () => {
      const name = randomUUID();
      await (await open(name)).ring({ id: "job-1", name: "early", data: {} });
      const seen = Promise.withResolvers<string>();
      await (await open(name)).work(1, async (job) => seen.resolve(job.name));
      expect(await seen.promise).toBe("early");
    });

    it("takes the same id for one job, also when the first ring has been answered", async () => {
      const queue = await open(randomUUID());
      const seen: string[] = [];
      const last = Promise.withResolvers<void>();
      await queue.work(1, async (job) => {
        seen.push(job.name);
        if (job.name === "last") last.resolve();
      });
      await queue.ring({ id: "job-1", name: "once", data: {} });
      await queue.ring({ id: "job-1", name: "once", data: {} });
      await queue.ring({ id: "job-2", name: "between", data: {} });
      await queue.ring({ id: "job-1", name: "once", data: {} });
      await queue.ring({ id: "job-3", name: "last", data: {} });
      await last.promise;
      expect(seen).toEqual(["once", "between", "last"]);
    });

    it("logs a handler's failure, forgets the job and goes on", async () => {
      const queue = await open(randomUUID());
      const seen: string[] = [];
      const last = Promise.withResolvers<void>();
      await queue.work(1, async (job) => {
        seen.push(job.name);
        if (job.name === "broken") throw new Error("no");
        last.resolve();
      });
      await queue.ring({ id: "job-1", name: "broken", data: {} });
      await queue.ring({ id: "job-2", name: "sound", data: {} });
      await last.promise;
      expect(seen).toEqual(["broken", "sound"]);
      expect(errors).toEqual(["a job failed"]);
    });

    it("works on as many jobs at once as it may, and no more", async () => {
      const queue = await open(randomUUID());
      const three = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const done = Promise.withResolvers<void>();
      let [running, most, finished] = [0, 0, 0];
      await queue.work(3, async () => {
        most = Math.max(most, ++running);
        if (running === 3) three.resolve();
        await gate.promise;
        running--;
        if (++finished === 5) done.resolve();
      });
      for (const id of [1, 2, 3, 4, 5]) await queue.ring({ id: `job-${id}`, name: "any", data: {} });
      await three.promise;
      gate.resolve();
      await done.promise;
      expect(most).toBe(3);
    });

    it("gives each job to one of several workers", async () => {
      const name = randomUUID();
      const seen: string[] = [];
      const done = Promise.withResolvers<void>();
      const handler = async (job: { name: string }): Promise<void> => {
        seen.push(job.name);
        if (seen.length === 20) done.resolve();
      };
      const [left, right] = [await open(name), await open(name)];
      await left.work(2, handler);
      await right.work(2, handler);
      const names = Array.from({ length: 20 }, (_, index) => `job-${index}`);
      await Promise.all(names.map((id) => left.ring({ id, name: id, data: {} })));
      await done.promise;
      expect(seen.toSorted()).toEqual(names.toSorted());
    });

    it("lets a running handler finish before it closes", async () => {
      const queue = await openQueue(randomUUID(), log);
      const started = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let finished = false;
      await queue.work(1, async () => {
        started.resolve();
        await gate.promise;
        finished = true;
      });
      await queue.ring({ id: "job-1", name: "slow", data: {} });
      await started.promise;
      const closed = queue[Symbol.asyncDispose]();
      gate.resolve();
      await closed;
      expect(finished).toBe(true);
    });
  });
}
