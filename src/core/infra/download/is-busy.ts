/** What a server says that may work again soon. */
const BUSY: ReadonlySet<number> = new Set([408, 425, 429]);

/** An answer that can't be used and says nothing of what was asked for. */
export const isBusy = (status: number): boolean => status >= 500 || BUSY.has(status);
