import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AccountRecord, Principal } from "../../src/core/app/index.ts";
import { fail, type AppResult } from "../../src/core/app/index.ts";
import { withIdempotency } from "../../src/core/app/idempotency.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { failure, valueOf } from "./result.ts";

const test = withTestApp();

const operator = { kind: "OPERATOR", accountId: randomUUID(), scopes: ["operator"] } satisfies Principal;

/** Creates an account under the key; `calls` counts how often the work was really done. */
function create(
  key: string,
  name = "one",
  { principal = operator, mutation = "make" }: { principal?: Principal; mutation?: string } = {},
) {
  const call = { mutation, key, body: { name }, table: "accounts" } as const;
  return withIdempotency(test.app, principal, call, async (tx, id): Promise<AppResult<AccountRecord>> => {
    const account = { id, name, kind: "CUSTOMER", createdAt: test.app.clock.now() } as const;
    return { ok: true, value: await tx.insert("accounts", account) };
  });
}

const countOf = async (id: string) => test.app.store.count("accounts", { id });

describe("a create mutation with an idempotency key", () => {
  it("makes one row for the same key and body, and answers with it again", async () => {
    const key = randomUUID();
    const first = valueOf(await create(key));
    expect(valueOf(await create(key))).toEqual(first);
    expect(await countOf(first.id)).toBe(1);
  });

  it("makes one row of calls at the same time", async () => {
    const key = randomUUID();
    const results = await Promise.all(Array.from({ length: 6 }, () => create(key)));
    expect(new Set(results.map((result) => valueOf(result).id)).size).toBe(1);
  });

  it("refuses another body, and keeps the first result", async () => {
    const key = randomUUID();
    const first = valueOf(await create(key));
    expect(await create(key, "two")).toEqual(failure("IDEMPOTENCY_CONFLICT"));
    expect(valueOf(await create(key))).toEqual(first);
  });

  it("takes the keys of principals and mutations apart", async () => {
    const key = randomUUID();
    const somebody: Principal = { kind: "CUSTOMER", accountId: randomUUID(), scopes: [] };
    const ids = await Promise.all([
      create(key).then(valueOf),
      create(key, "two", { mutation: "other" }).then(valueOf),
      create(key, "two", { principal: somebody }).then(valueOf),
    ]);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3);
  });

  it("names the row after the call, so that a replay in another world makes the same id", async () => {
    const key = randomUUID();
    const { id } = valueOf(await create(key));
    expect(id).toBe(test.app.ids.derived("make", `operator:${operator.accountId}`, key));
  });

  it("stores no failure: the same key may be tried again", async () => {
    const key = randomUUID();
    const call = { mutation: "make", key, body: { name: "one" }, table: "accounts" } as const;
    const failing = withIdempotency(test.app, operator, call, async (tx, id) => {
      await tx.insert("accounts", { id, name: "half", kind: "CUSTOMER", createdAt: test.app.clock.now() });
      return fail("INTERNAL", "changed its mind");
    });
    expect(await failing).toEqual(failure("INTERNAL"));
    expect(valueOf(await create(key)).name).toBe("one");
  });

  it("frees the key after a day, and makes another row then", async () => {
    const key = randomUUID();
    const first = valueOf(await create(key));
    test.clock.advance(test.app.settings.idempotencyMs);
    const second = valueOf(await create(key, "two"));
    expect(second.id).not.toBe(first.id);
    expect(valueOf(await create(key, "two"))).toEqual(second);
  });

  it("frees the key even where its record was swept away", async () => {
    const key = randomUUID();
    const first = valueOf(await create(key));
    test.clock.advance(test.app.settings.idempotencyMs);
    await test.app.store.transaction((tx) => tx.remove("idempotencyKeys", { key }));
    expect(valueOf(await create(key)).id).not.toBe(first.id);
  });

  it.each([
    ["an empty key", ""],
    ["a key of 201 characters", "k".repeat(201)],
  ])("refuses %s", async (_, key) => {
    expect(await create(key)).toEqual(failure("INVALID_INPUT"));
  });
});
