import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { apiKeyPrefix } from "./api-key-text.ts";

/** Who an API key speaks for. An operator's key without the scope `operator` acts as a customer of that account. */
export async function authenticateApiKey(app: App, text: string): Promise<AppResult<Principal>> {
  const prefix = apiKeyPrefix(text);
  const candidates = prefix === null ? [] : await app.store.find("apiKeys", { prefix, revokedAt: null }, { limit: 10 });
  const hash = app.secrets.sha256(text);
  const apiKey = candidates.find((candidate) => app.signer.equal(candidate.hash, hash));
  const account = apiKey ? await app.store.findOne("accounts", { id: apiKey.accountId }) : null;
  if (!apiKey || account === null) {
    return fail(
      "UNAUTHENTICATED",
      "expected a valid API key (gr_…), found one that is unknown or revoked: ask for a new one",
    );
  }
  const operates = account.kind === "OPERATOR" && apiKey.scopes.includes("operator");
  return ok({ kind: operates ? "OPERATOR" : "CUSTOMER", accountId: account.id, scopes: apiKey.scopes });
}
