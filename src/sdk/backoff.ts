import { setTimeout as wait } from "node:timers/promises";
import { mayPass } from "./errors.ts";

/** Exponential back-off with jitter, so that many clients do not come back at the same moment. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export const DEFAULT_BACKOFF: Backoff = Object.freeze({ firstMs: 200, maxMs: 15_000, random: Math.random });

/** Milliseconds before try number `attempt` (from 0): half of min(maxMs, firstMs * 2^attempt) plus up to as much again. */
export function backoffMs(attempt: number, { firstMs, maxMs, random }: Backoff = DEFAULT_BACKOFF): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** attempt);
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

export interface RetryOptions {
  /** How often to try again after a failure that may pass; Infinity until the signal aborts. */
  readonly retries: number;
  readonly backoff?: Backoff;
  readonly signal?: AbortSignal | undefined;
  /** Told of each failure that is followed by another try. */
  readonly onRetry?: (error: Error, retryInMs: number) => void;
}

/** Runs `work` again, with back-off, after each failure that may pass; any other error passes through at once. */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, backoff = DEFAULT_BACKOFF, signal, onRetry }: RetryOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    const pauseMs = backoffMs(attempt, backoff);
    try {
      return await work();
    } catch (error) {
      if (attempt >= retries || !mayPass(error)) throw error;
      onRetry?.(error, pauseMs);
    }
    await wait(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
