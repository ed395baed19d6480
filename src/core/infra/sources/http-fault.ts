import type { SourceFault } from "../../app/ports.ts";
import { err, type Result } from "../../domain/index.ts";
import { GateError } from "../download/index.ts";

type Fault = Extract<Result<never, SourceFault>, { readonly ok: false }>;

/** It is not there, or not for everybody: the miner's to see to. */
export const notFound = (message: string): Fault => err({ blame: "miner", code: "SOURCE_NOT_FOUND", message });

/** It lists what no model has. */
export const refused = (message: string): Fault => err({ blame: "miner", code: "SOURCE_REFUSED", message });

/** Nobody's fault that can be told from here: it is tried again. */
export const unreachable = (message: string): Fault =>
  err({ blame: "infrastructure", code: "SOURCE_UNREACHABLE", message });

/** What a throw means. @throws what is no failure of the connection: the caller's signal. */
export function thrownFault(error: unknown, what: string, signal: AbortSignal): Fault {
  signal.throwIfAborted();
  if (error instanceof GateError) return unreachable(`${what}: ${error.message}`);
  return unreachable(`${what}: ${error instanceof Error ? error.message : String(error)}`);
}
