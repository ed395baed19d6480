import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import type { AppResult } from "../errors.ts";
import { withIdempotency } from "../idempotency.ts";
import { idempotencyKey, line } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { AccountRecord } from "../records.ts";
import { refuseScope } from "./scopes.ts";

const schema = z.object({ idempotencyKey, name: line(100), kind: z.enum(["CUSTOMER", "OPERATOR"]) });

/** The operator opens an account: somebody who may then hold API keys. */
export async function createAccount(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<AccountRecord>> {
  if (principal.kind !== "OPERATOR") return refuseScope(principal, "operator");
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { idempotencyKey: key, ...body } = parsed.value;
  return withIdempotency(
    app,
    principal,
    { mutation: "createAccount", key, body, table: "accounts" },
    async (tx, id) => {
      const account = { id, ...body, createdAt: app.clock.now() };
      await tx.insert("accounts", account);
      await audit(app, tx, principal, "createAccount", { accountId: id, ...body });
      return ok(account);
    },
  );
}
