import { z } from "zod";

/** Parsers of one environment variable each: text in, value out, with messages that say what was expected. */

/** A whole number. */
export const whole = (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d+$/, "expected a whole number")
    .transform(Number)
    .pipe(z.number().min(least, `expected at least ${least}`).max(most, `expected at most ${most}`));

/** A number above zero, with or without decimals. */
export const positive = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "expected a number")
    .transform(Number)
    .pipe(z.number().positive("expected more than 0"));

/** Seconds in the variable, milliseconds in the program. */
export const seconds = () => positive().transform((value) => Math.round(value * 1_000));

export const yesOrNo = () =>
  z.enum(["true", "false"], { error: "expected true or false" }).transform((value) => value === "true");

/** Words between commas; none from an empty text. */
export const list = () =>
  z.string().transform((text) =>
    text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );

/** Names of hosts, without addresses; with `origins`, also whole ones like http://127.0.0.1:9000. */
export const hosts = ({ origins }: { readonly origins: boolean }) =>
  list().refine(
    (entries) =>
      entries.every((entry) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry) || (origins && isOrigin(entry))),
    { error: `expected names of hosts${origins ? ", or origins like http://127.0.0.1:9000" : ""}` },
  );

/** Nothing but protocol, host and port. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

/** JSON of that shape. */
export const json = <Shape extends z.ZodType>(shape: Shape, expected: string) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: `expected ${expected}, found no JSON` });
        return z.NEVER;
      }
    })
    .pipe(shape);

/** A URL with one of these protocols. */
export const urlOf = (...protocols: readonly string[]) =>
  z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ""), {
    error: `expected a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
