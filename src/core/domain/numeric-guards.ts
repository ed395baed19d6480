/** Throws RangeError unless `value` is a finite number. */
export function requireFinite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a finite number, found ${value}`);
  return value;
}

/** Throws RangeError unless `value` is finite and not negative. */
export function requireNonNegative(name: string, value: number): number {
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`${name} must be a finite number that is not negative, found ${value}`);
  }
  return value;
}

/** Throws RangeError unless `value` is a safe integer of at least `minimum`. */
export function requireCount(name: string, value: number, minimum = 0): number {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${name} must be an integer of at least ${minimum}, found ${value}`);
  }
  return value;
}
