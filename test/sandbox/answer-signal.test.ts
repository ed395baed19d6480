import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import {
  type AnswerSignal,
  createAnswerSignal,
  waitForAnswer,
} from "../../evaluators/embedded/sandbox/answer-signal.ts";

/** Runs this code in another thread, as long as the caller's scope lasts. */
function beside(signal: AnswerSignal, code: string): AsyncDisposable {
  const source = `const { workerData: signal } = require("node:worker_threads"); ${code}`;
  const worker = new Worker(source, { eval: true, workerData: signal });
  return {
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

it("an answer is waited for, whatever else wakes the thread", async () => {
  const signal = createAnswerSignal();
  // Wakes the waiting thread many times before there is an answer, as the late notification of an earlier one would.
  const code =
    "let woken = 0; while (woken < 20) woken += Atomics.notify(signal, 0); Atomics.store(signal, 0, 1); Atomics.notify(signal, 0);";
  await using _other = beside(signal, code);
  expect(waitForAnswer(signal, 60_000)).toBe(true);
  expect(Atomics.load(signal, 0)).toBe(1);
});

it("an answer that does not come is not waited for longer than allowed, however often the thread is woken", async () => {
  const signal = createAnswerSignal();
  await using _other = beside(signal, "for (;;) Atomics.notify(signal, 0);");
  expect(waitForAnswer(signal, 200)).toBe(false);
});
