import { z } from "zod";
import { createAccount, createApiKey, revokeApiKey, SCOPES } from "../core/app/index.ts";
import { Account, ApiKey } from "./account.ts";
import { accountKind, id, idempotencyKey } from "./input-shapes.ts";
import { defineMutation } from "./mutation.ts";

/** Accounts and their API keys. */
export const ACCOUNT_MUTATIONS = [
  defineMutation({
    name: "createAccount",
    description: "The operator opens an account.",
    input: z.strictObject({ idempotencyKey, name: z.string(), kind: accountKind }),
    payload: { account: () => Account },
    run: ({ app, principal }, input) => createAccount(app, principal, input),
    present: (account) => ({ account }),
  }),
  defineMutation({
    name: "createApiKey",
    description: "A new key: the operator for any account, a customer with keys:write for its own.",
    input: z.strictObject({
      idempotencyKey,
      accountId: id,
      label: z.string(),
      scopes: z.array(z.enum(SCOPES)).describe(`Among ${SCOPES.join(", ")}.`),
    }),
    payload: { apiKey: () => ApiKey, secret: () => String },
    run: ({ app, principal }, input) => createApiKey(app, principal, input),
    present: ({ apiKey, secret }) => ({ apiKey, secret }),
  }),
  defineMutation({
    name: "revokeApiKey",
    description: "Ends a key at once.",
    input: z.strictObject({ apiKeyId: id }),
    payload: { apiKey: () => ApiKey },
    run: ({ app, principal }, input) => revokeApiKey(app, principal, input),
    present: (apiKey) => ({ apiKey }),
  }),
] as const;
