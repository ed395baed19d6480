/** How long the parts of a demo took. */
export interface Phases {
  /** Ends the part before and begins this one. */
  begin(name: string): void;
  /** Seconds by part, in order, up to now. */
  seconds(): readonly { readonly name: string; readonly seconds: number }[];
  totalSeconds(): number;
}

/** Starts the watch. */
export function createPhases(now: () => number): Phases {
  const begun: { readonly name: string; readonly at: number }[] = [];
  const startedAt = now();
  return {
    begin: (name) => {
      if (begun.at(-1)?.name !== name) begun.push({ name, at: now() });
    },
    seconds: () =>
      begun.map(({ name, at }, index) => ({ name, seconds: ((begun[index + 1]?.at ?? now()) - at) / 1000 })),
    totalSeconds: () => (now() - startedAt) / 1000,
  };
}
