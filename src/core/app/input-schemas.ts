import { z } from "zod";

/** Parts that many inputs share. */

/** The id of a row. */
export const id = z.uuid("expected an id as this API gave it (a uuid)");

/** Checked for its length where it is used, so that the message says what a key is. */
export const idempotencyKey = z.string();

/** One line of text for people, trimmed, without control characters and halves of characters. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, "expected some text, found none")
    .max(longest, `expected at most ${longest} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "expected one line of well-formed text without control characters");

/** Lower-case hex. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 as 64 lower-case hex digits");
