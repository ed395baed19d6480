import { setImmediate } from "node:timers/promises";

/** Work goes on for this long at a time. */
const TURN_MS = 20;

/**
 * Cuts work on many rows into turns, for heartbeats, sockets and timers share its thread: `await` the function that comes
 * back after each row.
 *
 * @throws the signal's reason when it is aborted.
 */
export function takeTurns(signal?: AbortSignal): () => Promise<void> | undefined {
  let begun = performance.now();
  const next = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
    begun = performance.now();
  };
  return () => (performance.now() - begun < TURN_MS ? undefined : next());
}

/** The same as `map` of a list, in turns. @throws the signal's reason when it is aborted. */
export async function mapInTurns<In, Out>(
  items: Iterable<In>,
  map: (item: In, index: number) => Out,
  signal?: AbortSignal,
): Promise<Out[]> {
  const rest = takeTurns(signal);
  const mapped: Out[] = [];
  for (const item of items) {
    mapped.push(map(item, mapped.length));
    await rest();
  }
  return mapped;
}
