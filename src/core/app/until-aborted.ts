/** Rejects with the signal's reason once it is aborted: to race work with that may not listen to it. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
