import { ModelError } from "../engine/index.ts";

/** A NaN or infinite number of any row makes the submission invalid. @throws ModelError naming the row and the set. */
export function requireFiniteRows<Row extends { readonly [Field in keyof Row]: number }>(
  rows: readonly Row[],
  set: string,
): void {
  const bad = rows.findIndex((row) => !Object.values<number>(row).every(Number.isFinite));
  if (bad >= 0)
    throw new ModelError("NON_FINITE_LOSS", `The loss of row ${bad + 1} of set ${set} is not a finite number.`);
}
