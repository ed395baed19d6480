import { expect, it } from "vitest";
import { err, ok } from "./result.ts";
import type { Result } from "./result.ts";

it("tells success from failure by one field", () => {
  const describeResult = (result: Result<number, string>) =>
    result.ok ? `value ${result.value}` : `error ${result.error}`;
  expect([ok(1), err("too late")].map(describeResult)).toEqual(["value 1", "error too late"]);
});
