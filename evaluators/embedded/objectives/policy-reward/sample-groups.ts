import type { Llama } from "../../engine/index.ts";
import { generate, generationBatch, type GenerationLimits } from "./generate.ts";
import type { Uniform } from "./uniform.ts";

/** The completions of one prompt, as token ids. */
export type Group = readonly (readonly number[])[];

/** Prompts with the numbers that their random numbers are drawn by. */
export interface NumberedPrompt {
  readonly row: number;
  readonly ids: readonly number[];
}

/** Prompts in batches of equal length, shortest first, each small enough to be sampled at once. */
export function groupByLength<Item extends NumberedPrompt>(
  prompts: readonly Item[],
  completions: number,
  limits: GenerationLimits,
): readonly (readonly Item[])[] {
  const batches: Item[][] = [];
  for (const prompt of prompts.toSorted((a, b) => a.ids.length - b.ids.length || a.row - b.row)) {
    const batch = batches.at(-1);
    const { length } = prompt.ids;
    const fits = batch !== undefined && (batch.length + 1) * completions <= generationBatch(length, limits);
    if (fits && batch[0]?.ids.length === length) batch.push(prompt);
    else batches.push([prompt]);
  }
  return batches;
}

/** Samples the same number of completions of each of some equally long prompts. */
export function sampleGroups(
  model: Llama,
  prompts: readonly NumberedPrompt[],
  completions: number,
  options: { readonly uniform: Uniform; readonly limits: GenerationLimits },
): readonly Group[] {
  const { uniform, limits } = options;
  const starts = prompts.flatMap(({ row, ids }) =>
    Array.from({ length: completions }, (_, completion) => ({
      prompt: ids,
      uniform: (position: number) => uniform({ row, completion, position }),
    })),
  );
  const sampled = generate(model, starts, limits);
  return prompts.map((_, index) => sampled.slice(index * completions, (index + 1) * completions));
}

/** A completion as text: its end does not belong to it. */
export function completionText(
  ids: readonly number[],
  endToken: number,
  tokenizer: { decode(ids: readonly number[]): string },
): string {
  return tokenizer.decode(ids.at(-1) === endToken ? ids.slice(0, -1) : ids);
}
