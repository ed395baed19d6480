import { z } from "zod";
import { EvaluationError } from "../../evaluator/protocol.ts";
import type { Prompt } from "./prompts.ts";
import type { Group } from "./sample-groups.ts";

/**
 * Completions that a request brings along, as token ids by row and completion, so that evaluators which draw other
 * tokens can be compared.
 *
 * @throws EvaluationError where they are not those of these prompts.
 */
export function parseGivenCompletions(
  given: unknown,
  prompts: readonly Prompt[],
  sizes: { readonly count: number; readonly vocabulary: number; readonly contextLength: number },
): readonly Group[] {
  const token = z
    .number()
    .int()
    .min(0)
    .max(sizes.vocabulary - 1);
  const groups = z.array(z.array(z.array(token).min(1)).length(sizes.count)).length(prompts.length);
  const parsed = groups.safeParse(given);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error));
  const long = parsed.data.findIndex((group, row) => {
    const room = sizes.contextLength - (prompts[row]?.ids.length ?? 0);
    return group.some((ids) => ids.length > room);
  });
  if (long >= 0) throw refuse(`A completion of row ${long + 1} leaves the context.`);
  return parsed.data;
}

function refuse(message: string): EvaluationError {
  return new EvaluationError("infrastructure", "BAD_REQUEST", `The given completions: ${message}`);
}
