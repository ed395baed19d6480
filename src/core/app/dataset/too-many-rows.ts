/** A file has more rows than a dataset may have; reading stopped there. */
export class TooManyRows extends Error {
  readonly found: string;
  constructor(most: number, found = "more") {
    super(`expected at most ${most} rows, found ${found}`);
    this.name = "TooManyRows";
    this.found = found;
  }
}
