import { expect, it } from "vitest";
import { secondRequest } from "./second-request.ts";

it("takes what npm passes on for the same request, and what a person asks later for another one", () => {
  let now = 0;
  const isAskedAgain = secondRequest(() => now);
  const answers = [1_000, 1_001, 1_500, 1_501].map((ms) => {
    now = ms;
    return isAskedAgain();
  });
  expect(answers).toEqual([false, false, false, true]);
});
