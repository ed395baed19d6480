import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { synthesize } from "../../src/core/app/dataset/synthesize.ts";
import { createTestHost } from "../../src/core/contract/testing/index.ts";
import { canonicalRowKey, DATASET, splitSizes } from "../../src/core/domain/index.ts";
import { dpo } from "../../src/plugins/dpo/index.ts";
import { parseFamily } from "../../src/plugins/template-synthesizer/family.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";

const datasets = join(import.meta.dirname, "..", "..", "datasets");
const seed = (taskId: string, purpose: string, attempt: number) =>
  createHash("sha256").update(`${taskId}:${purpose}:${attempt}`).digest();

it("as many SYNTH rows of a TEST row as the family has unused templates all differ, without a refusal", async () => {
  await using host = await createTestHost();
  const spec = dpo.spec.parse({});
  const rows = readFileSync(join(datasets, "preferences", "rows.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => dpo.rowSchema(spec).parse(JSON.parse(line)));
  const test = rows.slice(0, 40);
  const variants = 8;
  const made = await synthesize(
    { secrets: { seed } },
    {
      taskId: "task",
      taskType: dpo,
      spec,
      test,
      known: new Set(rows.map((row) => canonicalRowKey(row))),
      count: variants * test.length,
      synthesizer: templateSynthesizer.create({ families: null }, host),
      signal: new AbortController().signal,
    },
  );
  expect(made.refusals).toEqual([]);
  expect(new Set(made.rows.map(({ row }) => row["prompt"])).size).toBe(variants * test.length);
});

it.each(globSync("*/family.json", { cwd: datasets }))("%s has enough templates for a dataset of any size", (file) => {
  const { templates } = parseFamily(JSON.parse(readFileSync(join(datasets, file), "utf8")));
  const sizes = Array.from({ length: 1_000 }, (_, more) => splitSizes(DATASET.minimumRows + more));
  const most = Math.max(...sizes.map(({ test, synth }) => Math.ceil(synth / test)));
  expect(most).toBe(11);
  // A row is never rewritten with its own template.
  expect(templates.length - 1).toBeGreaterThanOrEqual(most);
});
