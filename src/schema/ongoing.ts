/** Work that nobody waits for where it is started, so that a stop can. */
export interface Ongoing {
  /** `onFailure` gets what the work throws. */
  add(work: Promise<unknown>): void;
  /** Resolves when nothing is going on, what was added meanwhile included. */
  idle(): Promise<void>;
}

/** Keeps track of such work. */
export function createOngoing(onFailure: (error: unknown) => void): Ongoing {
  const all = new Set<Promise<void>>();
  return {
    add(work) {
      const tracked: Promise<void> = work.then(() => undefined, onFailure).finally(() => all.delete(tracked));
      all.add(tracked);
    },
    async idle() {
      while (all.size > 0) await Promise.all(all);
    },
  };
}
