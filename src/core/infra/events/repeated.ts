import type { Log } from "../../app/ports.ts";

/** Work that is asked for again and again, and never runs twice at once. */
export interface Repeated {
  /** Asks for a run: now, or once more after the one that is going on. */
  run(): void;
  /** No more runs; resolves when the one going on has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` whenever it is asked for, and at least every `everyMs`. A failure is logged, once until it works again, and
 * the next run tries again.
 */
export function repeat(name: string, everyMs: number, log: Log, work: () => Promise<void>): Repeated {
  let running: Promise<void> | undefined;
  const state = { again: false, stopped: false };
  let failing = false;

  const loop = async (): Promise<void> => {
    do {
      state.again = false;
      try {
        await work();
        if (failing) log.info(`${name} works again`);
        failing = false;
      } catch (error) {
        if (!failing && !state.stopped)
          log.error(`${name} failed`, { error: error instanceof Error ? (error.stack ?? "") : String(error) });
        failing = true;
      }
    } while (state.again && !state.stopped);
    running = undefined;
  };
  const run = (): void => {
    if (state.stopped) return;
    if (running) state.again = true;
    else running = loop();
  };
  const timer = setInterval(run, everyMs);
  return {
    run,
    async stop() {
      state.stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
