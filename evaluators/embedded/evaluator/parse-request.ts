import { z } from "zod";
import type { Failure, Request, RequestId } from "./protocol.ts";
import { requestSchema } from "./protocol.ts";

export type ParsedLine =
  { readonly ok: true; readonly request: Request } | ({ readonly ok: false; readonly id: RequestId | null } & Failure);

const withId = z.object({ id: z.union([z.number().int(), z.string()]) });

/** A request from one line, or the answer to a line that is none. */
export function parseRequest(line: string): ParsedLine {
  const refuse = (id: RequestId | null, message: string): ParsedLine => ({
    ok: false,
    id,
    cause: "infrastructure",
    code: "BAD_REQUEST",
    message,
  });
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return refuse(null, "A line is not JSON.");
  }
  const parsed = requestSchema.safeParse(json);
  if (parsed.success) return { ok: true, request: parsed.data };
  const identified = withId.safeParse(json);
  return refuse(identified.success ? identified.data.id : null, z.prettifyError(parsed.error));
}
