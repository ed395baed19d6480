/** A number that two threads share: 0 while the one waits for the other, 1 when the answer has been sent. */
export type AnswerSignal = Int32Array<SharedArrayBuffer>;

export const createAnswerSignal = (): AnswerSignal => new Int32Array(new SharedArrayBuffer(4));

/** For the thread that waits, before it asks. */
export function expectAnswer(signal: AnswerSignal): void {
  Atomics.store(signal, 0, 0);
}

/** For the thread that answers, after it has sent its answer. */
export function signalAnswer(signal: AnswerSignal): void {
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

/** Blocks until the answer has been sent; false where that takes longer. */
export function waitForAnswer(signal: AnswerSignal, timeoutMs: number): boolean {
  const deadline = performance.now() + timeoutMs;
  // The notification of an answer may come after that answer was taken, and then wakes whoever waits for the next one.
  while (Atomics.load(signal, 0) === 0) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(signal, 0, 0, left);
  }
  return true;
}
