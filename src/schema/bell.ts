import type { Broadcast } from "../core/app/index.ts";

/**
 * A topic as a bell: however often it rang while nobody listened, it is one ring, so a slow reader holds no queue.
 * Listening starts at once, before the first `wait`: read the stored state after making it, and nothing is missed.
 */
export interface Bell {
  /** Resolves to true at the next ring (or at once, if it rang since the last wait), to false when the signal is aborted. */
  wait(): Promise<boolean>;
}

/** Listens to one topic until `signal` aborts. */
export function listen(broadcast: Broadcast, topic: string, signal: AbortSignal): Bell {
  let rang = false;
  let ended = false;
  let wake: () => void = () => {};
  const rings = broadcast.subscribe([topic], signal);
  const pump = async () => {
    for await (const _ring of rings) {
      rang = true;
      wake();
    }
  };
  const end = () => {
    ended = true;
    wake();
  };
  pump().then(end, end);
  signal.addEventListener("abort", end, { once: true });
  return {
    async wait() {
      if (!rang && !ended) await new Promise<void>((resolve) => (wake = resolve));
      rang = false;
      return !ended;
    },
  };
}
