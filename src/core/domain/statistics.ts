/** The sum in the given order, in float64. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * The arithmetic mean, summed in the given order.
 *
 * @throws RangeError for no values.
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the mean of no values is not defined");
  return sum(values) / values.length;
}

function squaredDeviations(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2));
}

/**
 * σ: the population standard deviation (divided by n).
 *
 * @throws RangeError for no values.
 */
export function populationStandardDeviation(values: readonly number[]): number {
  return Math.sqrt(squaredDeviations(values) / values.length);
}

/**
 * The standard error of the mean, from the sample variance (divided by n − 1).
 *
 * Infinity for one value: a single observation says nothing about its own noise.
 *
 * @throws RangeError for no values.
 */
export function standardError(values: readonly number[]): number {
  const squared = squaredDeviations(values);
  if (values.length === 1) return Number.POSITIVE_INFINITY;
  return Math.sqrt(squared / (values.length - 1) / values.length);
}

/**
 * The standard error of mean(a) − mean(b) for independent samples, for example of the SYNTH and TEST losses of one model.
 *
 * @throws RangeError if either is empty.
 */
export function differenceStandardError(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(standardError(a), standardError(b));
}
