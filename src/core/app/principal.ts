/** Who is asking: made from a token, never from an argument. */
export type Principal =
  | { readonly kind: "ANONYMOUS" }
  | { readonly kind: "CUSTOMER"; readonly accountId: string; readonly scopes: readonly string[] }
  | { readonly kind: "OPERATOR"; readonly accountId: string; readonly scopes: readonly string[] }
  | { readonly kind: "MINER"; readonly minerId: string; readonly hotkey: string };

/** Rings when an account's key or a miner's token may have ended: whoever holds a connection for it looks again. */
export const accessTopic = (accountOrMinerId: string): string => `access:${accountOrMinerId}`;

/** The name that idempotency keys and audit rows are scoped to. */
export function principalName(principal: Principal): string {
  switch (principal.kind) {
    case "ANONYMOUS":
      return "anonymous";
    case "MINER":
      return `miner:${principal.minerId}`;
    default:
      return `${principal.kind.toLowerCase()}:${principal.accountId}`;
  }
}
