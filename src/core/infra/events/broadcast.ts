import type { Broadcast } from "../../app/ports.ts";
import type { JsonObject } from "../../contract/index.ts";

/** Rings that a subscriber has not taken, at most; the oldest go first. Each says only "look again". */
const BUFFER = 1_000;

interface Ring {
  readonly topic: string;
  readonly payload: JsonObject;
}

/** A broadcast that can also ring every topic at once. */
export interface LocalBroadcast extends Broadcast {
  /** Something may have been missed: whoever subscribes looks again. */
  publishEverywhere(): void;
}

/** The Broadcast port within one process: topic -> its subscribers, so that a ring costs what its recipients cost. */
export function createBroadcast(): LocalBroadcast {
  const subscribers = new Map<string, Set<Subscription>>();

  const publish = (topic: string, payload: JsonObject): void => {
    for (const subscription of subscribers.get(topic) ?? []) subscription.push({ topic, payload });
  };

  return {
    publish,
    publishEverywhere() {
      for (const topic of subscribers.keys()) publish(topic, {});
    },
    subscribe(topics, signal) {
      const subscription = new Subscription(() => {
        for (const topic of topics) {
          const others = subscribers.get(topic);
          others?.delete(subscription);
          if (others?.size === 0) subscribers.delete(topic);
        }
        signal?.removeEventListener("abort", end);
      });
      const end = (): void => subscription.end();
      for (const topic of topics) {
        const others = subscribers.get(topic) ?? new Set();
        subscribers.set(topic, others.add(subscription));
      }
      if (signal?.aborted) end();
      else signal?.addEventListener("abort", end);
      return subscription;
    },
  };
}

/** One subscriber's rings, in order, each once until it is taken. */
class Subscription implements AsyncIterableIterator<Ring> {
  readonly #leave: () => void;
  readonly #rings = new Map<string, Ring>();
  readonly #waiting: ((result: IteratorResult<Ring>) => void)[] = [];
  #ended = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  push(ring: Ring): void {
    const taker = this.#waiting.shift();
    if (taker) return taker({ done: false, value: ring });
    const key = `${ring.topic} ${JSON.stringify(ring.payload)}`;
    this.#rings.set(key, ring);
    const [oldest] = this.#rings.keys();
    if (this.#rings.size > BUFFER && oldest !== undefined) this.#rings.delete(oldest);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#rings.clear();
    this.#leave();
    for (const taker of this.#waiting.splice(0)) taker({ done: true, value: undefined });
  }

  async next(): Promise<IteratorResult<Ring>> {
    const [first] = this.#rings;
    if (first) {
      this.#rings.delete(first[0]);
      return { done: false, value: first[1] };
    }
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(): Promise<IteratorResult<Ring>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
