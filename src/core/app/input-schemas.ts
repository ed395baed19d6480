import { z } from "zod";

/** Parts that many inputs share. */

/** The id of a row. */
export const id = z.uuid("expected an id as this API gave it (a uuid)");

/** Checked for its length where it is used, so that the message says what a key is. */
export const idempotencyKey = z.string();

/** Control characters, halves of characters, line separators, and what turns the direction of the text that follows. */
const UNFIT_FOR_A_LINE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** One line of text for people, trimmed, that can be seen and does not change what stands beside it. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest, `expected at most ${longest} characters`)
    .refine((text) => !UNFIT_FOR_A_LINE.test(text), {
      error: "expected one line of well-formed text without control characters",
      abort: true,
    })
    .refine((text) => VISIBLE.test(text), "expected some text, found none");

/** Lower-case hex. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 as 64 lower-case hex digits");
