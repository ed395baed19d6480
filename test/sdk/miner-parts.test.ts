import { describe, expect, it } from "vitest";
import { isAlive } from "../../src/core/infra/is-alive.ts";
import { backoffMs, ConnectionError, RequestError, withRetries } from "../../src/sdk/index.ts";
import { commandWords } from "../../src/sdk/miner/command-words.ts";
import { trainerCommand } from "../../src/sdk/miner/model-maker.ts";
import { parseProgress, progressReporter, type Progress } from "../../src/sdk/miner/progress.ts";
import { createSlots } from "../../src/sdk/miner/slots.ts";
import { runTrainer } from "../../src/sdk/miner/trainer-process.ts";

const progressAt = (step: number): Progress => ({ step, steps: 10, loss: 1, etaSeconds: 1, tokens: null });

describe("backoffMs", () => {
  it("doubles up to a ceiling and spreads clients over half of it", () => {
    const at = (attempt: number, random: number): number =>
      backoffMs(attempt, { firstMs: 100, maxMs: 1000, random: () => random });
    expect([at(0, 0), at(1, 0), at(2, 0), at(9, 0)]).toEqual([50, 100, 200, 500]);
    expect([at(0, 1), at(9, 1)]).toEqual([100, 1000]);
  });
});

describe("withRetries", () => {
  const backoff = { firstMs: 1, maxMs: 1, random: () => 0 };
  const failing = (times: number, error: Error) => {
    let left = times;
    return async () => {
      if (left-- > 0) throw error;
      return "done";
    };
  };

  it("outlasts a server that can't be reached or fails for a reason of its own, however long that takes", async () => {
    const forEver = { retries: Number.POSITIVE_INFINITY, backoff };
    for (const passing of [new ConnectionError("nobody is there"), new RequestError("INTERNAL", "our disk is full")]) {
      expect(await withRetries(failing(50, passing), forEver)).toBe("done");
      await expect(withRetries(failing(3, passing), { retries: 2, backoff })).rejects.toBe(passing);
    }
  });

  it("tells of each failure, and when it tries again", async () => {
    const told: unknown[] = [];
    const gone = new ConnectionError("nobody is there");
    await withRetries(failing(2, gone), { retries: 2, backoff, onRetry: (...words) => told.push(words) });
    expect(told).toEqual([
      [gone, 1],
      [gone, 1],
    ]);
  });

  it("asks once where the request itself is refused", async () => {
    const refused = new RequestError("FORBIDDEN", "not yours");
    await expect(withRetries(failing(1, refused), { retries: 9, backoff })).rejects.toBe(refused);
  });
});

describe("commandWords", () => {
  it("splits at spaces and keeps what is quoted together", () => {
    expect(commandWords(`node "my trainer.js" --name 'a b' x="y z"`)).toEqual([
      "node",
      "my trainer.js",
      "--name",
      "a b",
      "x=y z",
    ]);
  });

  it("refuses an open quote and an empty line", () => {
    expect(() => commandWords(`node "train.js`)).toThrow("not closed");
    expect(() => commandWords("  ")).toThrow("empty");
  });
});

describe("parseProgress", () => {
  it("reads a progress line and ignores all other output", () => {
    expect(parseProgress('{"step":3,"steps":10,"loss":4.5,"etaSeconds":1.5}')).toMatchObject({
      step: 3,
      loss: 4.5,
      tokens: null,
    });
    expect(parseProgress("loading the base model")).toBeNull();
    expect(parseProgress('{"step":')).toBeNull();
    expect(parseProgress('{"epoch":1}')).toBeNull();
  });
});

describe("progressReporter", () => {
  it("sends at most one report per interval and always the last step", async () => {
    let now = 0;
    const sent: number[] = [];
    const report = progressReporter(
      ({ step }) => {
        sent.push(step);
        return Promise.resolve();
      },
      { intervalMs: 250, now: () => now },
    );
    for (let step = 1; step <= 10; step += 1) {
      report(progressAt(step));
      now += 100;
      await Promise.resolve();
    }
    expect(sent).toEqual([1, 4, 7, 10]);
  });

  it("keeps the newest report while one is on its way", async () => {
    const sent: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const report = progressReporter(
      async ({ step }) => {
        sent.push(step);
        if (step === 1) await promise;
      },
      { intervalMs: 0, now: () => 0 },
    );
    for (const step of [1, 2, 3]) report(progressAt(step));
    expect(sent).toEqual([1]);
    resolve();
    await expect.poll(() => sent).toEqual([1, 3]);
  });
});

describe("createSlots", () => {
  it("runs a bounded number at once, in order, and lets a waiting one give up", async () => {
    const slots = createSlots(1);
    const started: string[] = [];
    const first = Promise.withResolvers<void>();
    const runFirst = slots.run(async () => {
      started.push("first");
      await first.promise;
    });
    const giveUp = new AbortController();
    const runSecond = slots.run(() => Promise.resolve(started.push("second")), giveUp.signal);
    const runThird = slots.run(() => Promise.resolve(started.push("third")));
    giveUp.abort();
    await expect(runSecond).rejects.toThrow("aborted");
    expect(started).toEqual(["first"]);
    first.resolve();
    await Promise.all([runFirst, runThird]);
    expect(started).toEqual(["first", "third"]);
  });
});

describe("runTrainer", () => {
  const trainer = (script: string): readonly [string, ...string[]] => [process.execPath, "-e", script];

  it("hands on progress lines", async () => {
    const steps: number[] = [];
    const script = `for (const step of [1, 2]) console.log(JSON.stringify({ step, steps: 2, loss: 3 }))`;
    const { signal } = new AbortController();
    await runTrainer({ command: trainer(script), onProgress: ({ step }) => steps.push(step), signal });
    expect(steps).toEqual([1, 2]);
  });

  it("tells the exit code and the end of the log of a trainer that fails", async () => {
    const { signal } = new AbortController();
    const run = runTrainer({
      command: trainer(`console.error("out of memory"); process.exit(3)`),
      onProgress: () => undefined,
      signal,
    });
    await expect(run).rejects.toThrow(/exit code 3[^]*out of memory/);
  });

  it("says so where the trainer ends well and leaves no model", async () => {
    const train = trainerCommand(trainer(""), null, createSlots(1));
    const { signal } = new AbortController();
    const order = {
      taskId: "task",
      kind: "kind",
      folder: "/no/such/folder",
      baseFolder: "",
      onProgress: () => undefined,
    };
    await expect(train({ ...order, signal })).rejects.toThrow("left no model in /no/such/folder/model");
  });

  it("says so where the program does not exist", async () => {
    const { signal } = new AbortController();
    const run = runTrainer({ command: ["no-such-trainer"], onProgress: () => undefined, signal });
    await expect(run).rejects.toThrow("could not be started");
  });

  it("kills the trainer and the processes that it started when it is aborted", async () => {
    const controller = new AbortController();
    const pids: number[] = [];
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log(JSON.stringify({ step: process.pid, steps: null }));
      console.log(JSON.stringify({ step: child.pid, steps: null }));
      setInterval(() => {}, 1000);`;
    const run = runTrainer({
      command: trainer(script),
      onProgress: ({ step: pid }) => {
        pids.push(pid);
        if (pids.length === 2) controller.abort();
      },
      signal: controller.signal,
    });
    await expect(run).rejects.toThrow("aborted");
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it("does not wait for what a trainer has left running outside its group, whether it ends or is aborted", async () => {
    const controller = new AbortController();
    const daemons: number[] = [];
    const script = (rest: string): string => `
      const options = { detached: true, stdio: "inherit" };
      const daemon = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options);
      console.log(JSON.stringify({ step: daemon.pid, steps: null }));
      daemon.unref();
      ${rest}`;
    const run = (rest: string, onDaemon: () => void): Promise<void> =>
      runTrainer({
        command: trainer(script(rest)),
        onProgress: ({ step: pid }) => {
          daemons.push(pid);
          onDaemon();
        },
        signal: controller.signal,
        graceMs: 50,
      });
    try {
      await run("", () => undefined);
      const aborted = run("setInterval(() => {}, 1000);", () => controller.abort());
      await expect(aborted).rejects.toThrow("aborted");
      expect(daemons).toHaveLength(2);
    } finally {
      for (const pid of daemons) process.kill(pid, "SIGKILL");
    }
  });
});
