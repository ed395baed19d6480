import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "../../src/core/app/accounts/create-account.ts";
import { createApiKey } from "../../src/core/app/accounts/create-api-key.ts";
import { ensureOperator } from "../../src/core/app/accounts/ensure-operator.ts";
import { revokeApiKey } from "../../src/core/app/accounts/revoke-api-key.ts";
import type { Scope } from "../../src/core/app/accounts/scopes.ts";
import { cancelTask, type Principal } from "../../src/core/app/index.ts";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import { isOwner } from "../../src/core/app/read/visibility.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aTask } from "../infra/sample-rows.ts";
import { aMiner } from "./a-miner.ts";
import { failure, valueOf } from "./result.ts";

const OPERATOR_KEY = "gr_operator_0123456789abcdef0123456789abcdef";
const test = withTestApp();
let operator: Principal;

beforeAll(async () => {
  await ensureOperator(test.app, OPERATOR_KEY);
  operator = valueOf(await principalFromToken(test.app, OPERATOR_KEY));
});

const anAccount = async (kind: "CUSTOMER" | "OPERATOR" = "CUSTOMER") =>
  valueOf(await createAccount(test.app, operator, { idempotencyKey: randomUUID(), name: "Ada", kind }));

const aKeyFor = (accountId: string, scopes: readonly Scope[], by = operator) =>
  createApiKey(test.app, by, { idempotencyKey: randomUUID(), accountId, label: "laptop", scopes: [...scopes] });

describe("the operator's configured key", () => {
  it("speaks for the operator, and is stored only as a hash", async () => {
    expect(operator).toMatchObject({ kind: "OPERATOR" });
    const keys = await test.app.store.find("apiKeys", {});
    expect(JSON.stringify(keys)).not.toContain(OPERATOR_KEY);
  });

  it("may be made sure of again; another one ends the first", async () => {
    await ensureOperator(test.app, OPERATOR_KEY);
    const next = OPERATOR_KEY.replace("0123", "9999");
    await ensureOperator(test.app, next);
    expect(await principalFromToken(test.app, OPERATOR_KEY)).toEqual(failure("UNAUTHENTICATED"));
    expect(valueOf(await principalFromToken(test.app, next))).toEqual(operator);
    await ensureOperator(test.app, OPERATOR_KEY);
    expect(valueOf(await principalFromToken(test.app, OPERATOR_KEY))).toEqual(operator);
  });

  it("must have the form of a key", async () => {
    await expect(ensureOperator(test.app, "secret")).rejects.toThrow(RangeError);
  });
});

describe("API keys", () => {
  it("speak for their account with their scopes until they are revoked", async () => {
    const account = await anAccount();
    const { apiKey, secret } = valueOf(await aKeyFor(account.id, ["tasks:write", "tasks:read"]));
    const scopes = ["tasks:read", "tasks:write"];
    expect(valueOf(await principalFromToken(test.app, secret))).toEqual({
      kind: "CUSTOMER",
      accountId: account.id,
      scopes,
    });
    expect(secret.startsWith(`gr_${apiKey.prefix}_`)).toBe(true);
    valueOf(await revokeApiKey(test.app, operator, { apiKeyId: apiKey.id }));
    expect(await principalFromToken(test.app, secret)).toEqual(failure("UNAUTHENTICATED"));
  });

  it("show the same secret to a retry of the same call", async () => {
    const { id: accountId } = await anAccount();
    const input = { idempotencyKey: randomUUID(), accountId, label: "laptop", scopes: ["tasks:read"] } as const;
    const ask = async () => valueOf(await createApiKey(test.app, operator, { ...input, scopes: [...input.scopes] }));
    expect(await ask()).toEqual(await ask());
  });

  it("are refused when one letter differs, and when they are no keys at all", async () => {
    const { secret } = valueOf(await aKeyFor((await anAccount()).id, ["tasks:read"]));
    const last = secret.endsWith("A") ? "B" : "A";
    for (const token of [secret.slice(0, -1) + last, "gr_", "gr_x_y", `gr_${"a".repeat(10_000)}`]) {
      expect(await principalFromToken(test.app, token)).toEqual(failure("UNAUTHENTICATED"));
    }
  });

  it("let a customer with keys:write make keys for itself, without scopes that its own key lacks", async () => {
    const account = await anAccount();
    const { secret } = valueOf(await aKeyFor(account.id, ["keys:write", "tasks:read"]));
    const customer = valueOf(await principalFromToken(test.app, secret));
    expect(await aKeyFor(account.id, ["tasks:read"], customer)).toMatchObject({ ok: true });
    expect(await aKeyFor(account.id, ["tasks:write"], customer)).toEqual(failure("FORBIDDEN"));
    expect(await aKeyFor(account.id, ["operator"], customer)).toEqual(failure("FORBIDDEN"));
    expect(await aKeyFor((await anAccount()).id, ["tasks:read"], customer)).toEqual(failure("NOT_FOUND"));
  });

  it("give a key with fewer scopes no secret of a stronger one by repeating its call", async () => {
    const account = await anAccount();
    const principalOf = async (scopes: readonly Scope[]) =>
      valueOf(await principalFromToken(test.app, valueOf(await aKeyFor(account.id, scopes)).secret));
    const [strong, weak] = [await principalOf(["keys:write", "tasks:write"]), await principalOf(["keys:write"])];
    const call = { idempotencyKey: "1", accountId: account.id, label: "laptop", scopes: ["tasks:write" as const] };
    valueOf(await createApiKey(test.app, strong, call));
    expect(await createApiKey(test.app, weak, call)).toEqual(failure("FORBIDDEN"));
  });

  it("touch tasks only with the scope for it", async () => {
    const account = await anAccount();
    const task = aTask({ kind: "instruct", customerId: account.id });
    await test.app.store.transaction((tx) => tx.insert("tasks", task));
    const holding = async (scope: Scope) => {
      const { secret } = valueOf(await aKeyFor(account.id, [scope]));
      return valueOf(await principalFromToken(test.app, secret));
    };
    const [reader, writer, other] = [
      await holding("tasks:read"),
      await holding("tasks:write"),
      await holding("keys:write"),
    ];
    expect([reader, writer, other].map((viewer) => isOwner(viewer, task))).toEqual([true, true, false]);
    expect(await cancelTask(test.app, reader, { taskId: task.id })).toEqual(failure("FORBIDDEN"));
    expect(await cancelTask(test.app, { kind: "ANONYMOUS" }, { taskId: task.id })).toEqual(failure("UNAUTHENTICATED"));
    expect(valueOf(await cancelTask(test.app, writer, { taskId: task.id })).status).toBe("CANCELLED");
  });

  it("make nobody but an operator's account an operator", async () => {
    expect(await aKeyFor((await anAccount()).id, ["operator"])).toEqual(failure("FORBIDDEN"));
    const account = await anAccount("OPERATOR");
    const kindOf = async (scopes: readonly Scope[]) => {
      const { secret } = valueOf(await aKeyFor(account.id, scopes));
      return valueOf(await principalFromToken(test.app, secret)).kind;
    };
    expect(await kindOf(["operator"])).toBe("OPERATOR");
    expect(await kindOf(["tasks:read"])).toBe("CUSTOMER");
  });

  it("of others can't be revoked, and are not even seen", async () => {
    const { apiKey } = valueOf(await aKeyFor((await anAccount()).id, ["tasks:read"]));
    const { secret } = valueOf(await aKeyFor((await anAccount()).id, ["keys:write"]));
    const customer = valueOf(await principalFromToken(test.app, secret));
    expect(await revokeApiKey(test.app, customer, { apiKeyId: apiKey.id })).toEqual(failure("NOT_FOUND"));
    expect(await revokeApiKey(test.app, customer, { apiKeyId: randomUUID() })).toEqual(failure("NOT_FOUND"));
  });
});

describe("accounts", () => {
  it("are opened by the operator only", async () => {
    const input = { idempotencyKey: randomUUID(), name: "Eve", kind: "OPERATOR" } as const;
    expect(await createAccount(test.app, { kind: "ANONYMOUS" }, input)).toEqual(failure("UNAUTHENTICATED"));
    expect(await createAccount(test.app, await aMiner(test.app), input)).toEqual(failure("FORBIDDEN"));
  });

  it("leave an audit row for what the operator did", async () => {
    const account = await anAccount();
    const rows = await test.app.store.find("auditLog", { action: "createAccount" });
    expect(rows.map(({ data }) => data["accountId"])).toContain(account.id);
  });

  it.each([
    ["an empty name", " "],
    ["a name of two lines", "a\nb"],
    ["a very long name", "a".repeat(101)],
  ])("are not opened with %s", async (_, name) => {
    const input = { idempotencyKey: randomUUID(), name, kind: "CUSTOMER" } as const;
    expect(await createAccount(test.app, operator, input)).toMatchObject({
      error: { code: "INVALID_INPUT", path: ["input", "name"] },
    });
  });
});

describe("tokens", () => {
  it("are not needed to be anonymous", async () => {
    expect(valueOf(await principalFromToken(test.app, null))).toEqual({ kind: "ANONYMOUS" });
  });

  it.each(["nonsense", "a.b", "a.b.c", ".", "e30.e30", "x".repeat(5000)])("are refused: %s", async (token) => {
    expect(await principalFromToken(test.app, token)).toEqual(failure("UNAUTHENTICATED"));
  });
});
