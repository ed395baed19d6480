import type { Broadcast } from "../../src/core/app/index.ts";

type Ring =
  Parameters<Broadcast["publish"]> extends [infer Topic, infer Payload] ? { topic: Topic; payload: Payload } : never;

/**
 * The baseline that many servers ship: one channel, and a filter in front of every subscriber. Rings of one moment go
 * out together, so each subscriber is asked once for all of them: the best that this design can do.
 */
export function createFilteringBroadcast(): Broadcast {
  const everybody = new Set<(rings: readonly Ring[]) => void>();
  let pending: Ring[] = [];

  async function* all(signal: AbortSignal | undefined): AsyncGenerator<readonly Ring[]> {
    const queue: (readonly Ring[])[] = [];
    const ended = (): boolean => signal?.aborted === true;
    let wake = (): void => undefined;
    const tell = (rings: readonly Ring[]): void => {
      queue.push(rings);
      wake();
    };
    everybody.add(tell);
    signal?.addEventListener("abort", () => wake());
    try {
      while (!ended()) {
        const next = queue.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      everybody.delete(tell);
    }
  }

  async function* filtered(topics: readonly string[], signal: AbortSignal | undefined) {
    for await (const rings of all(signal)) {
      const mine = rings.find(({ topic }) => topics.includes(topic));
      if (mine) yield mine;
    }
  }

  return {
    publish(topic, payload) {
      pending.push({ topic, payload });
      if (pending.length > 1) return;
      queueMicrotask(() => {
        const rings = pending;
        pending = [];
        for (const tell of everybody) tell(rings);
      });
    },
    subscribe: (topics, signal) => filtered(topics, signal),
  };
}
