import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { createRng } from "../../src/core/domain/index.ts";
import { familySchema, parseFamily } from "../../src/plugins/template-synthesizer/family.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { testSynthesizer } from "../../src/core/contract/testing/test-synthesizer.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";

const synthesis = { temperature: 0.6, rewrite: ["instruction", "input"], keep: ["system", "output"] };

testSynthesizer("template", (host) => templateSynthesizer.create(templateSynthesizer.options.parse({}), host), {
  rewritten: [
    {
      name: "a name to translate",
      row: { instruction: "Translate to Spanish: Germany", output: "Alemania" },
      synthesis,
    },
    { name: "a word to define", row: { instruction: "Define: dog", output: "a domestic animal" }, synthesis },
  ],
  refused: [
    {
      name: "a prompt of no family",
      row: { instruction: "Write a poem.", output: "Roses." },
      synthesis,
      reason: /no template matches instruction/,
    },
  ],
});

it.each(["translate-names", "definitions"])(
  "rewrites every row of %s with templates that no row uses",
  async (name) => {
    await using host = await createTestHost();
    const live = templateSynthesizer.create({ families: null }, host);
    const folder = join(import.meta.dirname, "..", "..", "datasets", name);
    const family = familySchema.parse(JSON.parse(await readFile(join(folder, "family.json"), "utf8")));
    const unseen = parseFamily({ ...family, templates: family.templates.filter(({ usedInRows }) => !usedInRows) });
    const lines = (await readFile(join(folder, "rows.jsonl"), "utf8")).trim().split("\n");
    const rng = createRng(new Uint8Array(16).fill(7));
    for (const line of lines) {
      const row = z.record(z.string(), z.string()).parse(JSON.parse(line));
      const { signal } = new AbortController();
      const outcome = await live.rewrite({ row, synthesis, variant: 0, attempt: 0, rng, signal });
      if (outcome.status === "refused") throw new Error(`${line}: ${outcome.reason}`);
      expect(outcome.row["output"]).toBe(row["output"]);
      expect(unseen.match(outcome.row["instruction"] ?? "")).toHaveLength(1);
    }
  },
);

it("names the family file that it can't use", async () => {
  await using host = await createTestHost();
  const missing = join(host.dataFolder, "missing.json");
  expect(() => templateSynthesizer.create({ families: [missing] }, host)).toThrow(missing);
  const malformed = join(host.dataFolder, "family.json");
  await writeFile(malformed, JSON.stringify({ format: 2 }));
  expect(() => templateSynthesizer.create({ families: [malformed] }, host)).toThrow(malformed);
});
