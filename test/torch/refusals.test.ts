import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { FinalAnswer } from "../../src/core/contract/testing/evaluator-driver.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { accepted, refusedFulls, refusedLoras, type Spoil } from "../intake/spoiled-models.ts";
import { writeEmbeddedWorld } from "../plugins/embedded-world.ts";
import { largestDifference } from "./numbers.ts";
import { type BothPrograms, startBoth } from "./programs.ts";
import { describeWithTorch } from "./torch-program.ts";

const verdictOf = (answer: FinalAnswer) =>
  answer.type === "error" ? { cause: answer.cause, code: answer.code } : { cause: "none", code: "ACCEPTED" };

describeWithTorch("a submission that both evaluators look at", () => {
  const session = temporaryFolder();
  const at = (...parts: string[]): string => join(session.path, ...parts);
  let both: BothPrograms;
  beforeAll(async () => {
    writeEmbeddedWorld(session.path);
    both = startBoth(session.path);
    await both.ask("open", {
      base: { path: "base", names: ["demo/base"] },
      datasets: { test: "test.jsonl" },
      objective: { name: "token-cross-entropy" },
      contextLength: 40,
    });
  });
  afterAll(async () => {
    await both[Symbol.asyncDispose]();
    session[Symbol.dispose]();
  });

  const ask = async (name: string, artifactKind: "LORA" | "FULL", spoil: Spoil) => {
    const path = `spoiled ${name}`;
    cpSync(at(artifactKind === "LORA" ? "lora" : "full"), at(path), { recursive: true });
    spoil(at(path));
    return both.ask("evaluate", { submission: { path, artifactKind } });
  };
  const lossOf = (answer: unknown): number =>
    z.object({ result: z.object({ sets: z.object({ test: z.object({ loss: z.number() }) }) }) }).parse(answer).result
      .sets.test.loss;

  it.each([
    ...Object.entries(refusedLoras).map(([name, spoil]) => ["LORA", name, spoil] as const),
    ...Object.entries(refusedFulls).map(([name, spoil]) => ["FULL", name, spoil] as const),
  ])("is refused alike: %s with %s", async (artifactKind, name, spoil) => {
    const { embedded, torch } = await ask(name, artifactKind, spoil);
    expect(verdictOf(torch)).toEqual({ ...verdictOf(embedded), cause: "submission" });
  });

  it.each(Object.entries(accepted))("has the same loss, and harms nobody else: %s", async (name, [kind, spoil]) => {
    const { embedded, torch } = await ask(name, kind, spoil);
    expect(torch).toMatchObject({ type: "result" });
    expect(largestDifference(lossOf(torch), lossOf(embedded))).toBeLessThan(1e-5);
    const good = await both.ask("evaluate", { submission: { path: "lora", artifactKind: "LORA" } });
    expect(largestDifference(lossOf(good.torch), lossOf(good.embedded))).toBeLessThan(1e-5);
  });

  it.each(["/etc", "../base", "full/../../base", String.raw`C:\models`, ""])(
    "is not looked for outside of the session: %j",
    async (path) => {
      const { torch } = await both.ask("evaluate", { submission: { path, artifactKind: "FULL" } });
      expect(torch).toMatchObject({ type: "error", cause: "infrastructure", code: "BAD_PATH" });
    },
  );
});
