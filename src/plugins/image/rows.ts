import { z } from "zod";
import type { ColumnRole, JsonObject, Row } from "../../core/contract/index.ts";
import { IMAGE_LIMITS } from "./params.ts";
import type { ImageSpec } from "./spec.ts";
import { toUprightPng } from "./upright-png.ts";

const DATA_URL = /^data:image\/(png|jpeg|webp);base64,/;
const BASE64_PER_BYTE = 4 / 3;

const image = z
  .string()
  .max(Math.ceil(IMAGE_LIMITS.mostBytes * BASE64_PER_BYTE) + 100, `must have at most ${IMAGE_LIMITS.mostBytes} bytes`)
  .transform((text) => text.replace(DATA_URL, ""))
  .pipe(z.base64("must be base64 of an image file").min(1, "must not be empty"))
  .transform((text, context) => {
    const bytes = Buffer.from(text, "base64");
    const made = toUprightPng(bytes);
    if (made.ok) return made.value === bytes ? text : Buffer.from(made.value).toString("base64");
    context.addIssue({ code: "custom", message: made.error });
    return z.NEVER;
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

/**
 * One row by role: a picture as base64 (a data URL's start is cut off) and its caption. Whatever comes in, what goes on is
 * an upright PNG: every miner and evaluator sees the same pixels.
 */
export const imageRow: z.ZodType<Row> = z.strictObject({ image, caption });

/** The same for miners and evaluators. */
export function renderImage(row: Row): JsonObject {
  return { image: row["image"] ?? "", caption: row["caption"] ?? "" };
}
