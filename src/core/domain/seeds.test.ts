import { expect, it } from "vitest";
import { SEED_PURPOSES, seedMessage } from "./seeds.ts";

it("names one message per purpose and attempt", () => {
  expect(seedMessage("draw", 2)).toBe("draw:2");
  expect(new Set(SEED_PURPOSES.map((purpose) => seedMessage(purpose, 0))).size).toBe(SEED_PURPOSES.length);
});
