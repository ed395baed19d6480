import { type Example, type Llama, tokenLosses } from "../../engine/index.ts";
import { meanDivergence } from "./divergence.ts";

/** A completion after its prompt: the prompt's tokens do not count. */
export function toExample(prompt: readonly number[], completion: readonly number[]): Example {
  const ids = [...prompt, ...completion];
  return { ids, counts: ids.map((_, position) => position >= prompt.length) };
}

/** Divergence of each completion from the reference; yields after each batch, so that a caller can breathe. */
export function* divergences(
  policy: Llama,
  reference: Llama,
  examples: readonly Example[],
): Generator<unknown, readonly number[]> {
  const own = yield* tokenLosses(policy, examples);
  const base = policy === reference ? own : yield* tokenLosses(reference, examples);
  return own.map((tokens, index) => meanDivergence(tokens, base[index] ?? []));
}
