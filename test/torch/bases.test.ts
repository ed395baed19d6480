import { cpSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";
import type { FinalAnswer } from "../../src/core/contract/testing/evaluator-driver.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { writeEmbeddedWorld } from "../plugins/embedded-world.ts";
import { type BothPrograms, startBoth } from "./programs.ts";
import { describeWithTorch } from "./torch-program.ts";

const WEIGHTS = "model.safetensors";

const bases: Readonly<Record<string, (folder: string) => void>> = {
  "without a tensor": (folder) => {
    const weights = readSafetensors(join(folder, WEIGHTS));
    weights.delete("model.layers.1.mlp.up_proj.weight");
    writeSafetensors(join(folder, WEIGHTS), weights);
  },
  "without weights": (folder) => rmSync(join(folder, WEIGHTS)),
  "without a tokenizer": (folder) => rmSync(join(folder, "tokenizer.json")),
  "with a tokenizer that is none": (folder) => writeFileSync(join(folder, "tokenizer.json"), "{}"),
  "with a config that is none": (folder) => writeFileSync(join(folder, "config.json"), "[]"),
  "with weights behind a link": (folder) => {
    cpSync(join(folder, WEIGHTS), join(folder, "elsewhere"));
    rmSync(join(folder, WEIGHTS));
    symlinkSync("elsewhere", join(folder, WEIGHTS));
  },
};

const sets: Readonly<Record<string, string>> = {
  "without a row": "",
  "with a row that is not JSON": "{",
  "with a row of nothing": "{}\n",
  "with a segment that has more": '{"segments":[{"text":"a","counts":true,"more":1}]}\n',
  "with a segment that counts in words": '{"segments":[{"text":"a","counts":"yes"}]}\n',
};

const verdictOf = (answer: FinalAnswer) =>
  answer.type === "error" ? { cause: answer.cause, code: answer.code } : { cause: "none", code: "ACCEPTED" };

describeWithTorch("a task that both evaluators are given", () => {
  const session = temporaryFolder();
  const at = (...parts: string[]): string => join(session.path, ...parts);
  let both: BothPrograms;
  beforeAll(() => {
    writeEmbeddedWorld(session.path);
    both = startBoth(session.path);
  });
  afterAll(async () => {
    await both[Symbol.asyncDispose]();
    session[Symbol.dispose]();
  });

  const open = (more: object) =>
    both.ask("open", {
      base: { path: "base" },
      datasets: { test: "test.jsonl" },
      objective: { name: "token-cross-entropy" },
      ...more,
    });

  it.each(Object.entries(bases))("is refused for a base %s", async (name, spoil) => {
    const path = `base ${name}`;
    cpSync(at("base"), at(path), { recursive: true });
    spoil(at(path));
    const { embedded, torch } = await open({ base: { path } });
    expect(verdictOf(torch)).toEqual({ cause: "infrastructure", code: "BAD_BASE" });
    expect(embedded.type).toBe("error");
  });

  it.each(Object.entries(sets))("is refused for a set %s", async (name, lines) => {
    const path = `${name}.jsonl`;
    writeFileSync(at(path), lines);
    const { embedded, torch } = await open({ datasets: { test: path } });
    expect(verdictOf(torch)).toEqual({ cause: "infrastructure", code: "BAD_DATASET" });
    expect(verdictOf(torch)).toEqual(verdictOf(embedded));
  });
});
