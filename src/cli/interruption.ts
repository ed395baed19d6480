import { EXIT } from "./exit-codes.ts";

/** Ctrl-C reaches a program under npm twice: from the terminal, and passed on by npm. A person is slower. */
const SAME_MS = 500;

/** A signal that aborts at the first SIGINT or SIGTERM; at the second one, half a second later or more, the process ends at once. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens for SIGINT and SIGTERM; `onHardStop` runs, synchronously, before a hard end. */
export function listenForInterruption(onHardStop: () => void = () => undefined): Interruption {
  const controller = new AbortController();
  let first: number | null = null;
  const listener = (): void => {
    first ??= performance.now();
    if (performance.now() - first > SAME_MS) {
      onHardStop();
      process.exit(EXIT.interrupted);
    }
    controller.abort();
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
