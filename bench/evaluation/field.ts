import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  createAdapter,
  createRng,
  loadModel,
  loadTokenizer,
  saveAdapter,
} from "../../evaluators/embedded/engine/index.ts";
import type { SessionNeeds } from "../../src/core/contract/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BASE = "gradients-demo/tiny-llama";
const CONTEXT = 128;
const LORA = { r: 8, alpha: 16, targets: ["q_proj", "k_proj", "v_proj", "o_proj"] as const };

/** A task on the demo's base with adapters that were sealed for it. */
export interface Field {
  readonly needs: SessionNeeds;
  /** Folders of the adapters. */
  readonly adapters: readonly string[];
  /** Of both sets together, for one model. */
  readonly tokens: number;
  /** Multiplications and additions of one token's forward pass through the linear layers. */
  readonly operationsPerToken: number;
}

/** Writes a base, TEST and SYNTH rows of the demo's data, and adapters with random numbers. */
export function writeField(folder: string, rows: { readonly test: number; readonly synth: number }, adapters: number) {
  const basePath = join(folder, "base");
  cpSync(join(ROOT, "models", BASE), basePath, { recursive: true });
  const spec = instruct.spec.parse({});
  const rendered = readFileSync(join(ROOT, "datasets", "translate-names", "rows.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => instruct.render(instruct.rowSchema(spec).parse(JSON.parse(line)), spec));
  const sets = { test: join(folder, "test.jsonl"), synth: join(folder, "synth.jsonl") };
  const toLines = (part: readonly object[]) => part.map((row) => `${JSON.stringify(row)}\n`).join("");
  const chosen = rendered.slice(0, rows.test + rows.synth);
  writeFileSync(sets.test, toLines(chosen.slice(0, rows.test)));
  writeFileSync(sets.synth, toLines(chosen.slice(rows.test)));
  const objective = instruct.objective(spec, {
    taskId: "bench",
    rows: chosen.length,
    contextLength: CONTEXT,
    parameterCount: 0,
    baseConfig: {},
  });
  const needs: SessionNeeds = {
    taskId: "bench",
    basePath,
    sets,
    objective,
    contextLength: CONTEXT,
    seed: "0a",
    carriesCode: false,
    device: null,
  };
  return {
    needs,
    adapters: Array.from({ length: adapters }, (_, i) => writeAdapter(folder, basePath, i + 1)),
    tokens: countTokens(basePath, chosen),
    operationsPerToken: operationsPerToken(basePath),
  } satisfies Field;
}

function writeAdapter(folder: string, base: string, seed: number): string {
  const path = join(folder, `adapter-${seed}`);
  mkdirSync(path);
  const rng = createRng(seed);
  const adapter = createAdapter(loadModel(base).weights, LORA, seed);
  for (const { b } of adapter.values()) b.data.set(Float32Array.from(b.data, () => rng.normal() * 0.02));
  saveAdapter(path, adapter, { ...LORA, base: BASE });
  return path;
}

const segmented = z.object({ segments: z.array(z.object({ text: z.string() })) });

/** With the end of each row; no row of these is too long. */
function countTokens(base: string, rows: readonly object[]): number {
  const tokenizer = loadTokenizer(base);
  const length = (text: string): number => tokenizer.encode(text).length;
  return rows.reduce(
    (sum, row) => sum + segmented.parse(row).segments.reduce((own, { text }) => own + length(text), 2),
    0,
  );
}

function operationsPerToken(base: string): number {
  let total = 0;
  for (const [name, { shape }] of loadModel(base).weights)
    // The embedding is the output layer too.
    if (/(proj|embed_tokens)\.weight$/.test(name)) total += 2 * shape.reduce((product, side) => product * side, 1);
  return total;
}
