import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import { fail, type AppResult } from "../errors.ts";
import { withIdempotency } from "../idempotency.ts";
import { id, idempotencyKey, line } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { ApiKeyRecord } from "../records.ts";
import { apiKeyText } from "./api-key-text.ts";
import { hasScope, refuseScope, SCOPES, type Scope } from "./scopes.ts";

const schema = z.object({
  idempotencyKey,
  accountId: id,
  label: line(100),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1, `expected at least one of ${SCOPES.join(", ")}`)
    .max(SCOPES.length)
    .transform((scopes) => [...new Set(scopes)].sort()),
});

/** A new key, and its text: shown now (and to a retry of the same call), stored only as a hash. */
export interface NewApiKey {
  readonly apiKey: ApiKeyRecord;
  readonly secret: string;
}

/** The operator makes a key for any account; a customer with `keys:write` for its own, with no scope that its key lacks. */
export async function createApiKey(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<NewApiKey>> {
  if (!hasScope(principal, "keys:write")) return refuseScope(principal, "keys:write");
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { idempotencyKey: key, ...body } = parsed.value;
  const { accountId, label, scopes } = body;
  // Before an earlier answer is repeated: its secret must not go to a key that could not have made it.
  const excess = scopes.find((scope) => !hasScope(principal, scope));
  if (excess !== undefined) return refuseGrant(excess);
  const created = await withIdempotency(
    app,
    principal,
    { mutation: "createApiKey", key, body, table: "apiKeys" },
    async (tx, id) => {
      const mayTouch =
        principal.kind === "OPERATOR" || (principal.kind === "CUSTOMER" && principal.accountId === accountId);
      const account = mayTouch ? await tx.findOne("accounts", { id: accountId }) : null;
      if (account === null)
        return fail("NOT_FOUND", "expected the id of your account, found none", ["input", "accountId"]);
      if (scopes.includes("operator") && account.kind !== "OPERATOR") return refuseGrant("operator");
      const text = keyTextOf(app, id);
      const hash = app.secrets.sha256(text);
      const apiKey = {
        id,
        accountId,
        label,
        prefix: prefixOf(id),
        hash,
        scopes,
        createdAt: app.clock.now(),
        revokedAt: null,
      };
      await tx.insert("apiKeys", apiKey);
      await audit(app, tx, principal, "createApiKey", { apiKeyId: id, accountId, label, scopes });
      return ok(apiKey);
    },
  );
  return created.ok ? ok({ apiKey: created.value, secret: keyTextOf(app, created.value.id) }) : created;
}

const refuseGrant = (scope: Scope) =>
  fail("FORBIDDEN", `the scope ${scope} can't be given to this account by this key`, ["input", "scopes"]);

/** Made from the id by the server's own signature: a retry shows the same text, and no text is stored. */
function keyTextOf(app: App, id: string): string {
  return apiKeyText(prefixOf(id), app.signer.sign("api-key", id));
}

const prefixOf = (id: string): string => id.slice(0, 8);
