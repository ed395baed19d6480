import { z } from "zod";
import type { ColumnRole, JsonObject, Row } from "../../core/contract/index.ts";
import { IMAGE_LIMITS } from "./params.ts";
import { pngProblem } from "./png.ts";
import type { ImageSpec } from "./spec.ts";

const DATA_URL = /^data:image\/png;base64,/;
const BASE64_PER_BYTE = 4 / 3;

const image = z
  .string()
  .max(Math.ceil(IMAGE_LIMITS.mostBytes * BASE64_PER_BYTE) + 100, `must have at most ${IMAGE_LIMITS.mostBytes} bytes`)
  .transform((text) => text.replace(DATA_URL, ""))
  .pipe(z.base64("must be base64 of a PNG file").min(1, "must not be empty"))
  .superRefine((text, context) => {
    const problem = pngProblem(Buffer.from(text, "base64"));
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

const caption = z
  .string()
  .max(IMAGE_LIMITS.captionLength, `must have at most ${IMAGE_LIMITS.captionLength} characters`)
  // A lone surrogate has no UTF-8 form: tokenizers would disagree about it.
  .refine((text) => text.isWellFormed(), "must be well-formed Unicode")
  .refine((text) => text.trim() !== "", "must not be empty");

/** Which columns the task reads, by role. */
export function imageColumns({ columns }: ImageSpec): readonly ColumnRole[] {
  return [
    { role: "image", column: columns.image, required: true },
    { role: "caption", column: columns.caption, required: true },
  ];
}

/** One row by role: a PNG as base64 (a data URL's start is cut off) and its caption. */
export const imageRow: z.ZodType<Row> = z.strictObject({ image, caption });

/** The same for miners and evaluators. */
export function renderImage(row: Row): JsonObject {
  return { image: row["image"] ?? "", caption: row["caption"] ?? "" };
}
