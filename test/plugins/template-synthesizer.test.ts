import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
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

it("names the family file that it can't use", async () => {
  await using host = await createTestHost();
  const missing = join(host.dataFolder, "missing.json");
  expect(() => templateSynthesizer.create({ families: [missing] }, host)).toThrow(missing);
  const malformed = join(host.dataFolder, "family.json");
  await writeFile(malformed, JSON.stringify({ format: 2 }));
  expect(() => templateSynthesizer.create({ families: [malformed] }, host)).toThrow(malformed);
});
