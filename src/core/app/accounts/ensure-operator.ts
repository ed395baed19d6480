import type { App } from "../app.ts";
import { apiKeyPrefix } from "./api-key-text.ts";

const LABEL = "from the configuration";

/**
 * Makes the configured key the operator's at every start: the account once, the key's hash, and an end to the key that
 * was configured before.
 *
 * @throws RangeError when the key is not `gr_<prefix>_<secret>`.
 */
export async function ensureOperator(
  app: Pick<App, "clock" | "ids" | "secrets" | "store">,
  key: string,
): Promise<void> {
  const prefix = apiKeyPrefix(key);
  if (prefix === null) {
    throw new RangeError("the operator's key must read gr_<4-16 letters or digits>_<16-128 letters, digits, - or _>");
  }
  const createdAt = app.clock.now();
  const accountId = app.ids.derived("account", "operator");
  const hash = app.secrets.sha256(key);
  const id = app.ids.derived("apiKey", hash);
  await app.store.transaction(async (tx) => {
    await tx.insertIfAbsent("accounts", { id: accountId, kind: "OPERATOR", name: "Operator", createdAt });
    await tx.update("apiKeys", { accountId, label: LABEL, revokedAt: null, id: { not: id } }, { revokedAt: createdAt });
    const apiKey = { id, accountId, label: LABEL, prefix, hash, scopes: ["operator"], createdAt, revokedAt: null };
    if (!(await tx.insertIfAbsent("apiKeys", apiKey))) await tx.update("apiKeys", { id }, { revokedAt: null });
  });
}
