import { fail } from "../errors.ts";
import type { Principal } from "../principal.ts";

/** What an API key may be used for. `operator` makes the key of an operator's account the operator's own voice. */
export const SCOPES = Object.freeze(["tasks:read", "tasks:write", "keys:write", "operator"] as const);
export type Scope = (typeof SCOPES)[number];

/**
 * True where the principal's key covers `scope`; the operator's covers everything, a miner's token no scope. Who writes
 * tasks reads them too.
 */
export function hasScope(principal: Principal, scope: Scope): boolean {
  if (principal.kind === "OPERATOR") return true;
  if (principal.kind !== "CUSTOMER") return false;
  return principal.scopes.includes(scope) || (scope === "tasks:read" && principal.scopes.includes("tasks:write"));
}

/** The answer to a principal that lacks `scope`. */
export function refuseScope(principal: Principal, scope: Scope) {
  if (principal.kind === "ANONYMOUS")
    return fail("UNAUTHENTICATED", "expected an API key in the Authorization header, found none");
  const found = principal.kind === "MINER" ? "a miner's token" : `one with ${principal.scopes.join(", ")}`;
  return fail("FORBIDDEN", `expected an API key with the scope ${scope}, found ${found}`);
}
