import type { Dit } from "../../diffusion/index.ts";
import { requireFiniteRows } from "../finite-rows.ts";
import type { EvaluationSet, RowSource } from "../objective.ts";
import type { DenoiseOptions } from "./options.ts";
import { emptyCaption, readPictures } from "./pictures.ts";
import { reconstructionErrors } from "./reconstruction-errors.ts";

/** Images that models reconstruct from the same noise, with their caption and without. */
export function denoiseEvaluation(source: RowSource<Dit>, options: DenoiseOptions): EvaluationSet<Dit> {
  const pictures = readPictures(source, options.sideMultiple);
  const empty = emptyCaption(source);
  const seed = source.seed ?? "";
  return {
    rows: pictures.length,
    *evaluate(model) {
      const result = yield* reconstructionErrors(model, pictures, empty, { ...options, seed });
      requireFiniteRows(result.rows, source.name);
      return result;
    },
  };
}
