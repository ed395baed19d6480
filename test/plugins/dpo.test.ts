import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { EvalRequest, RewriteRequest } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/index.ts";
import { createRng } from "../../src/core/domain/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { chatSynthesizer } from "../../src/plugins/chat-synthesizer/index.ts";
import { dpo } from "../../src/plugins/dpo/index.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";
import { closeEndpoints, completion, type Respond, startEndpoint } from "../helpers/chat-endpoint.ts";
import { writeEmbeddedWorld } from "./embedded-world.ts";

afterEach(closeEndpoints);

const spec = dpo.spec.parse({});
const { signal } = new AbortController();
const { synthesis } = dpo;
if (synthesis === null) throw new Error("dpo has SYNTH rows");
const aRequest = (row: Readonly<Record<string, string>>): RewriteRequest => ({
  row: dpo.rowSchema(spec).parse(row),
  synthesis,
  variant: 0,
  attempt: 0,
  rng: createRng(new Uint8Array(16).fill(7)),
  signal,
});
const row = { prompt: "Translate to French: Germany", chosen: "Allemagne", rejected: "Germania" };

const lines = readFileSync(join(import.meta.dirname, "..", "..", "datasets", "preferences", "rows.jsonl"), "utf8")
  .trimEnd()
  .split("\n");

describe("SYNTH rows by template", () => {
  it("ask for the same in other words and keep both answers, for every demo pair", async () => {
    await using host = await createTestHost();
    const live = templateSynthesizer.create({ families: null }, host);
    for (const line of lines) {
      const request = aRequest(z.record(z.string(), z.string()).parse(JSON.parse(line)));
      const outcome = await live.rewrite(request);
      if (outcome.status === "refused") throw new Error(`${line}: ${outcome.reason}`);
      const { prompt, ...answers } = outcome.row;
      expect(prompt).not.toBe(request.row["prompt"]);
      expect(answers).toEqual({ chosen: request.row["chosen"], rejected: request.row["rejected"] });
    }
  });
});

describe("SYNTH rows by chat", () => {
  const body = z.object({ model: z.string(), messages: z.array(z.object({ content: z.string() })) });
  const asked = (received: readonly { readonly body: unknown }[]) =>
    received.map((request) => body.parse(request.body));
  const answers: Readonly<Record<string, string>> = {
    large: JSON.stringify({ prompt: "What is Germany called in French?" }),
    strong: " L'Allemagne.\n",
    weak: "Germany",
  };
  const respond: Respond = (request) => completion(answers[body.parse(request.body).model] ?? "");

  async function rewriteWith(answer: Respond, options: object) {
    await using host = await createTestHost();
    const { baseUrl, received } = await startEndpoint(answer);
    const live = chatSynthesizer.create(
      chatSynthesizer.options.parse({ baseUrl, model: "large", backoffMs: 1, ...options }),
      host,
    );
    return { outcome: await live.rewrite(aRequest(row)), received: asked(received), method: live.method };
  }

  it("have the strong model's answer as the chosen and the weak model's as the rejected one", async () => {
    const { outcome, received, method } = await rewriteWith(respond, { strongModel: "strong", weakModel: "weak" });
    expect(outcome).toEqual({
      status: "rewritten",
      row: { prompt: "What is Germany called in French?", chosen: "L'Allemagne.", rejected: "Germany" },
    });
    expect(received.map(({ model }) => model)).toEqual(["large", "strong", "weak"]);
    expect(method).toBe("chat:large, strong answers strong, weak answers weak");
  });

  it("ask for an answer with the rewritten prompt alone: no model sees the row's own answers", async () => {
    const { received } = await rewriteWith(respond, { strongModel: "strong", weakModel: "weak" });
    for (const request of received.slice(1))
      expect(request.messages).toMatchObject([{ content: "What is Germany called in French?" }]);
    expect(JSON.stringify(received)).not.toMatch(/Germania|"Allemagne/);
  });

  it("have the large model's answer where no strong one is named", async () => {
    const { received } = await rewriteWith(respond, { weakModel: "weak" });
    expect(received.map(({ model }) => model)).toEqual(["large", "large", "weak"]);
  });

  it("are refused before anything is asked where there is no weak model", async () => {
    const { outcome, received } = await rewriteWith(respond, {});
    expect(outcome).toMatchObject({ status: "refused", reason: expect.stringContaining("set the option weakModel") });
    expect(received).toEqual([]);
  });

  it("are refused where an answer is empty", async () => {
    const { outcome } = await rewriteWith(respond, { strongModel: "silent", weakModel: "weak" });
    expect(outcome).toMatchObject({ status: "refused", reason: "the strong model's answer is empty" });
  });

  it("are refused where the endpoint refuses an answer", async () => {
    const { outcome } = await rewriteWith(
      (request, count) => (count === 3 ? { status: 400 } : respond(request, count)),
      { weakModel: "weak" },
    );
    expect(outcome).toMatchObject({ status: "refused", reason: expect.stringContaining("HTTP 400") });
  });
});

describe("a dpo task on the local runner with the embedded evaluator", () => {
  it("gives the base ln 2 and every model its losses and metrics", async () => {
    await using host = await createTestHost();
    const folder = host.dataFolder;
    writeEmbeddedWorld(folder);
    const sets = { test: lines.slice(0, 4), synth: lines.slice(4, 7) };
    for (const [name, some] of Object.entries(sets)) {
      const rendered = some.map((line) => dpo.render(dpo.rowSchema(spec).parse(JSON.parse(line)), spec));
      writeFileSync(join(folder, `${name}.jsonl`), rendered.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
    const needs = {
      taskId: "task",
      basePath: join(folder, "base"),
      sets: { test: join(folder, "test.jsonl"), synth: join(folder, "synth.jsonl") },
      objective: dpo.objective(spec, {
        taskId: "task",
        parameterCount: 10_000,
        rows: 800,
        contextLength: 48,
        baseConfig: {},
      }),
      contextLength: 48,
      seed: "00",
      carriesCode: false,
      device: null,
    };
    await using session = await localRunner.create(localRunner.options.parse({}), host).open(needs, signal);
    const lossesOf = async (submission: EvalRequest["submission"]) => {
      const outcome = await session.run({ submission }, { timeoutMs: 30_000, signal });
      if (outcome.status === "failed") throw new Error(`${outcome.code}: ${outcome.message}`);
      return dpo.losses(dpo.evalOutput.parse(outcome.output), spec);
    };

    const lora = await lossesOf({ id: "1", path: join(folder, "lora"), artifactKind: "LORA" });
    const full = await lossesOf({ id: "2", path: join(folder, "full"), artifactKind: "FULL" });
    const base = await lossesOf(null);
    expect(base.rowLosses).toEqual({ test: Array(4).fill(Math.LN2), synth: Array(3).fill(Math.LN2) });
    expect(base.metrics).toEqual({ testAccuracy: 0.5, testMargin: 0, synthAccuracy: 0.5, synthMargin: 0 });
    expect(dpo.weightedLoss(base)).toBeCloseTo(Math.LN2, 12);
    expect(new Set([base, lora, full].map(({ testLoss }) => testLoss)).size).toBe(3);
    expect(full.rowLosses.test).toHaveLength(4);
  });
});
