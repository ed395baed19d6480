import { setTimeout as wait } from "node:timers/promises";
import { ConnectionError, RequestError } from "./errors.ts";

/** A server's own failure may pass, or be a bug that does not: this many tries tell. */
const MAX_INTERNAL_FAILURES = 5;

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
  /** How often to try again after a ConnectionError; Infinity until the signal aborts. */
  readonly retries: number;
  readonly backoff?: Backoff;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` again after each ConnectionError, and a few times after a failure inside of the server, with back-off; any other error passes through at once. */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, backoff = DEFAULT_BACKOFF, signal }: RetryOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (attempt >= Math.min(retries, triesWorthWhile(error))) throw error;
    }
    await wait(backoffMs(attempt, backoff), undefined, signal === undefined ? {} : { signal });
  }
}

function triesWorthWhile(error: unknown): number {
  if (error instanceof ConnectionError) return Number.POSITIVE_INFINITY;
  return error instanceof RequestError && error.code === "INTERNAL" ? MAX_INTERNAL_FAILURES : 0;
}
