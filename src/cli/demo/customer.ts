import {
  CreateAccountDocument,
  createClient,
  CreateApiKeyDocument,
  present,
  type GradientsClient,
} from "../../sdk/index.ts";

/** With the operator's key: makes a customer's account and a key for it, and returns a client that is that customer. */
export async function createCustomer(url: string, operatorKey: string): Promise<GradientsClient> {
  await using operator = createClient({ url, apiKey: operatorKey });
  const account = { idempotencyKey: "demo-customer", name: "Demo customer", kind: "CUSTOMER" as const };
  const { createAccount } = await operator.request(CreateAccountDocument, { input: account });
  const accountId = present(createAccount.account, "account").id;
  const key = { idempotencyKey: "demo-key", accountId, label: "demo", scopes: ["tasks:read", "tasks:write"] };
  const { createApiKey } = await operator.request(CreateApiKeyDocument, { input: key });
  return createClient({ url, apiKey: present(createApiKey.secret, "secret") });
}
