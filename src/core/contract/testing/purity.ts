import assert from "node:assert/strict";

/** Freezes a value and all that it holds, so that a function which changes its argument throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** What a function answers to frozen arguments; it must answer the same again, with clock and Math.random out of order. */
export function pureResult<T>(call: () => T): T {
  const first = call();
  const { random } = Math;
  const { now } = Date;
  Math.random = () => assert.fail("a pure function must not call Math.random");
  Date.now = () => assert.fail("a pure function must not look at the clock");
  try {
    assert.deepEqual(call(), first, "a pure function must answer the same when it is called again");
  } finally {
    Math.random = random;
    Date.now = now;
  }
  return first;
}

/** Fails unless a value survives JSON as it is. */
export function assertJson(value: unknown, what: string): void {
  const text = JSON.stringify(value);
  assert(text !== undefined, `${what} must be JSON`);
  assert.deepEqual(JSON.parse(text), value, `${what} must survive JSON unchanged`);
}
