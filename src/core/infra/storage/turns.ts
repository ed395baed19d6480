/** Work by name, one at a time, the newest first: a newcomer cuts off who is at it and waits until he is gone. */
export interface Turns {
  next<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Turn {
  readonly controller: AbortController;
  readonly over: Promise<void>;
}

export function createTurns(): Turns {
  const last = new Map<string, Turn>();
  return {
    async next(name, work) {
      const before = last.get(name);
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const turn: Turn = { controller: new AbortController(), over };
      last.set(name, turn);
      before?.controller.abort();
      try {
        await before?.over;
        return await work(turn.controller.signal);
      } finally {
        if (last.get(name) === turn) last.delete(name);
        resolve();
      }
    },
  };
}
