import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import { fail, type AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import { accessTopic, type Principal } from "../principal.ts";
import type { ApiKeyRecord } from "../records.ts";
import { hasScope, refuseScope } from "./scopes.ts";

const schema = z.object({ apiKeyId: id });

/** Ends a key at once: the next request with it is UNAUTHENTICATED. Revoking again changes nothing. */
export async function revokeApiKey(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<ApiKeyRecord>> {
  if (!hasScope(principal, "keys:write")) return refuseScope(principal, "keys:write");
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  return app.store.transaction(async (tx) => {
    const apiKey = await tx.findOne("apiKeys", { id: parsed.value.apiKeyId }, { lock: "update" });
    const owns =
      principal.kind === "OPERATOR" || (principal.kind === "CUSTOMER" && principal.accountId === apiKey?.accountId);
    if (apiKey === null || !owns)
      return fail("NOT_FOUND", "expected the id of one of your keys, found none", ["input", "apiKeyId"]);
    if (apiKey.revokedAt !== null) return ok(apiKey);
    const revokedAt = app.clock.now();
    await tx.update("apiKeys", { id: apiKey.id }, { revokedAt });
    await audit(app, tx, principal, "revokeApiKey", { apiKeyId: apiKey.id });
    await tx.ring("topic", accessTopic(apiKey.accountId), {});
    return ok({ ...apiKey, revokedAt });
  });
}
