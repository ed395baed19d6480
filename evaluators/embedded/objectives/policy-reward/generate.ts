import { KeyValueCache, type Llama, mark, release } from "../../engine/index.ts";
import { drawToken } from "./draw-token.ts";

/** One completion to be sampled: what comes before it, and its random numbers by position. */
export interface Start {
  readonly prompt: readonly number[];
  readonly uniform: (position: number) => number;
}

export interface GenerationLimits {
  readonly maxNewTokens: number;
  readonly contextLength: number;
  readonly temperature: number;
  /** Ends a completion, and is its last token. */
  readonly endToken: number;
}

/** Positions of keys and values that are kept at once. */
const CACHED_POSITIONS = 8192;

/** How many completions of a prompt of this length are sampled at once. */
export function generationBatch(promptLength: number, limits: GenerationLimits): number {
  return Math.max(1, Math.floor(CACHED_POSITIONS / (promptLength + longestCompletion(promptLength, limits))));
}

/** Completions of equally long prompts, sampled side by side; a completion's tokens do not depend on the others. */
export function generate(model: Llama, starts: readonly Start[], limits: GenerationLimits): readonly number[][] {
  const length = starts[0]?.prompt.length ?? 0;
  if (starts.some(({ prompt }) => prompt.length !== length)) throw new RangeError("Prompts must be equally long.");
  const longest = longestCompletion(length, limits);
  const completions = starts.map((): number[] => []);
  const start = mark();
  const cache = new KeyValueCache(model.config, starts.length, length + longest);
  let next: readonly number[] = starts.flatMap(({ prompt }) => prompt);
  for (let position = 0; position < longest && completions.some((ids) => !ended(ids, limits)); position++) {
    const stepStart = mark();
    const logits = model.extend(next, cache).data;
    const vocabulary = logits.length / starts.length;
    next = starts.map(({ uniform }, index) => {
      const completion = completions[index];
      if (completion === undefined || ended(completion, limits)) return limits.endToken;
      const own = logits.subarray(index * vocabulary, (index + 1) * vocabulary);
      const token = drawToken(own, limits.temperature, uniform(position));
      completion.push(token);
      return token;
    });
    release(stepStart);
  }
  release(start);
  return completions;
}

function longestCompletion(promptLength: number, { maxNewTokens, contextLength }: GenerationLimits): number {
  return Math.max(1, Math.min(maxNewTokens, contextLength - promptLength));
}

const ended = (ids: readonly number[], { endToken }: GenerationLimits): boolean => ids.at(-1) === endToken;
