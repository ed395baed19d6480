import { secondRequest } from "../second-request.ts";
import { EXIT } from "./exit-codes.ts";

/** A signal that aborts at the first SIGINT or SIGTERM; when somebody asks again the process ends at once. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens for SIGINT and SIGTERM; `onHardStop` runs, synchronously, before a hard end. */
export function listenForInterruption(onHardStop: () => void = () => undefined): Interruption {
  const controller = new AbortController();
  const isAskedAgain = secondRequest();
  const listener = (): void => {
    if (isAskedAgain()) {
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
