import { expect, it } from "vitest";
import * as params from "./params.ts";

function everyValue(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(everyValue)] : [value];
}

it("holds finite numbers only, frozen at every depth", () => {
  const values = Object.values(params).flatMap(everyValue);
  expect(values.filter((value) => typeof value === "number").every(Number.isFinite)).toBe(true);
  expect(values.filter((value) => typeof value === "object").every(Object.isFrozen)).toBe(true);
  expect(values.every((value) => typeof value === "number" || typeof value === "object")).toBe(true);
});

it("gives the windows weights that sum to 1, in ascending length", () => {
  const { windows } = params.TEMPORAL;
  expect(windows.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 12);
  expect(windows.map(({ days }) => days)).toEqual(windows.map(({ days }) => days).toSorted((a, b) => a - b));
});

it("starts the time bins at 0 and orders them", () => {
  const starts = params.TIME_BUDGET.textBins.map(({ fromRows }) => fromRows);
  expect(starts[0]).toBe(0);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});
