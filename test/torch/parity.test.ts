import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { FinalAnswer } from "../../src/core/contract/testing/evaluator-driver.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { type ObjectiveName, openings, submissions, writeDemoWorld } from "./demo-world.ts";
import { largestDifference } from "./numbers.ts";
import { startBoth } from "./programs.ts";
import { describeWithTorch, report } from "./torch-program.ts";

/** Of single precision, and of two orders of summation. */
const TOLERANCE = 1e-5;
const base = { path: "base", names: ["gradients-demo/tiny-llama"] };
const seed = "00ff";
const models = { base: null, ...submissions };

const evaluation = z.object({ sets: z.record(z.string(), z.json()) });
const sampled = z.object({
  sets: z.record(
    z.string(),
    z.object({ rows: z.array(z.object({ completions: z.array(z.object({ ids: z.array(z.number()) })) })) }),
  ),
});

function setsOf(answer: FinalAnswer): Record<string, z.core.util.JSONType> {
  if (answer.type === "error") throw new Error(`${answer.code}: ${answer.message}`);
  return evaluation.parse(answer.result).sets;
}

function completionsOf(answer: FinalAnswer): Record<string, number[][][]> {
  if (answer.type === "error") throw new Error(`${answer.code}: ${answer.message}`);
  const { sets } = sampled.parse(answer.result);
  const ids = (rows: (typeof sets)[string]["rows"]) => rows.map((row) => row.completions.map((own) => own.ids));
  return Object.fromEntries(Object.entries(sets).map(([name, { rows }]) => [name, ids(rows)]));
}

describeWithTorch("PyTorch and the embedded engine, on the demo's base and data", () => {
  const session = temporaryFolder();
  beforeAll(() => writeDemoWorld(session.path));
  afterAll(() => session[Symbol.dispose]());

  it.each(["token-cross-entropy", "preference"] as const)(
    "read the same tokens and give the same losses: %s",
    async (name: ObjectiveName) => {
      await using both = startBoth(session.path);
      const opened = await both.ask("open", { base, seed, ...openings[name] });
      expect(opened.torch).toMatchObject({ type: "result" });
      expect(opened.torch).toEqual(opened.embedded);
      for (const [model, submission] of Object.entries(models)) {
        const { embedded, torch } = await both.ask("evaluate", { submission, tokens: true });
        const [own, reference] = [setsOf(torch), setsOf(embedded)];
        const difference = largestDifference(own, reference);
        report(`${name}, ${model}: largest difference ${difference.toExponential(1)}`);
        expect(difference).toBeLessThan(TOLERANCE);
      }
    },
  );

  it("give the same scores on given completions: policy-reward", async () => {
    await using both = startBoth(session.path);
    const opened = await both.ask("open", { base, seed, ...openings["policy-reward"] });
    expect(opened.torch).toMatchObject({ type: "result" });
    expect(opened.torch).toEqual(opened.embedded);
    for (const [model, submission] of Object.entries(models)) {
      const drawn = await both.ask("evaluate", { submission, tokens: true });
      const completions = completionsOf(drawn.embedded);
      const { embedded, torch } = await both.ask("evaluate", { submission, tokens: true, completions });
      const [own, reference] = [setsOf(torch), setsOf(embedded)];
      const difference = largestDifference(own, reference);
      report(`policy-reward, ${model}: largest difference ${difference.toExponential(1)}`);
      expect(difference).toBeLessThan(TOLERANCE);

      // The random numbers are the same, the logits nearly: hardly any draw falls between.
      const flat = (ids: typeof completions) => Object.values(ids).flatMap((rows) => rows.flat().map(String));
      const [drawnByTorch, drawnByEngine] = [flat(completionsOf(drawn.torch)), flat(completions)];
      const equal = drawnByTorch.filter((ids, index) => ids === drawnByEngine[index]).length;
      report(`policy-reward, ${model}: ${equal} of ${drawnByEngine.length} completions are drawn alike`);
      expect(drawnByTorch).toHaveLength(drawnByEngine.length);
      expect(equal).toBeGreaterThan(0.9 * drawnByEngine.length);
    }
  });
});
