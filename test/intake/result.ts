import { expect } from "vitest";
import type { AppResult } from "../../src/core/app/index.ts";

/** The value of a result that must be one. */
export function valueOf<T>(result: AppResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** What a failed result with this code looks like. */
export const failure = (code: string) =>
  expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) });
