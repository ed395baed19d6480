/** A file has more than a dataset may have; reading stopped there. */
export class TooLarge extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TooLarge";
  }
}

/** @param found a number, or that there are more. */
export const tooManyRows = (most: number, found: number | bigint | "more"): TooLarge =>
  new TooLarge(`expected at most ${most} rows, found ${found}`);
