import { setTimeout as wait } from "node:timers/promises";
import { backoffMs, DEFAULT_BACKOFF, type Backoff } from "./backoff.ts";
import type { GradientsClient } from "./client.ts";
import { ConnectionError, mayPass, RequestError } from "./errors.ts";
import { MinerEventsDocument, type MinerEventsSubscription } from "./generated/graphql.ts";
import { afterEvent, type CursorStore } from "./miner-cursor.ts";

export type MinerEvent = MinerEventsSubscription["minerEvents"];
/** The event of one type, for example `MinerEventOf<"Assigned">`. */
export type MinerEventOf<Name extends MinerEvent["__typename"]> = Extract<MinerEvent, { __typename: Name }>;

export interface MinerEventsOptions {
  readonly cursor: CursorStore;
  /** Called for one event after the other; the cursor moves on only when it has ended without an error. */
  readonly onEvent: (event: MinerEvent) => Promise<void> | void;
  /** Called when the token was refused: get a new one. */
  readonly onUnauthenticated: () => Promise<void>;
  readonly onDisconnected?: (error: Error, retryInMs: number) => void;
  readonly signal: AbortSignal;
  readonly backoff?: Backoff;
}

/**
 * Follows a miner's events until the signal aborts: replays from the stored cursor, then stays live, reconnects with
 * back-off, and hands every event to `onEvent` once, in order.
 *
 * @throws what `onEvent` throws, and RequestError where the server refuses the subscription for good.
 */
export async function minerEvents(client: GradientsClient, options: MinerEventsOptions): Promise<void> {
  const { cursor, onEvent, onUnauthenticated, onDisconnected, signal, backoff = DEFAULT_BACKOFF } = options;
  let state = await cursor.load();
  let failures = 0;
  while (!signal.aborted) {
    let problem: Error = new ConnectionError("The server ended the subscription.");
    try {
      for await (const event of incoming(client, state.cursor, signal)) {
        failures = 0;
        if (state.handled.includes(event.id)) continue;
        await onEvent(event);
        state = afterEvent(state, event);
        await cursor.save(state);
      }
    } catch (error) {
      problem = await recover(error, onUnauthenticated);
    }
    if (signal.aborted) return;
    const pause = backoffMs(failures, backoff);
    onDisconnected?.(problem, pause);
    await wait(pause, undefined, { signal }).catch(() => undefined);
    failures += 1;
  }
}

async function* incoming(
  client: GradientsClient,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<MinerEvent, void, void> {
  for await (const { minerEvents: event } of client.subscribe(MinerEventsDocument, { after }, { signal })) yield event;
}

/** Returns the problem where another try can help, and rethrows it otherwise. */
async function recover(error: unknown, onUnauthenticated: () => Promise<void>): Promise<Error> {
  if (error instanceof Error && mayPass(error)) return error;
  if (!(error instanceof RequestError) || error.code !== "UNAUTHENTICATED") throw error;
  try {
    await onUnauthenticated();
  } catch (failure) {
    if (!mayPass(failure)) throw failure;
  }
  return error;
}
