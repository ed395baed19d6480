import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../src/core/app/index.ts";
import { authenticate } from "../../src/core/app/miners/authenticate.ts";
import { heartbeat } from "../../src/core/app/miners/heartbeat.ts";
import { refreshToken } from "../../src/core/app/miners/refresh-token.ts";
import { registerMiner } from "../../src/core/app/miners/register-miner.ts";
import { requestChallenge } from "../../src/core/app/miners/request-challenge.ts";
import { suspendMiner } from "../../src/core/app/miners/suspend-miner.ts";
import { updateCapacity } from "../../src/core/app/miners/update-capacity.ts";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aCapacity, aKey, aMiner, minerOf, signIn } from "./a-miner.ts";
import { failure, valueOf } from "./result.ts";

const test = withTestApp();
const operator: Principal = { kind: "OPERATOR", accountId: randomUUID(), scopes: ["operator"] };

const aChallenge = async (hotkey: string) => valueOf(await requestChallenge(test.app, { hotkey }));

describe("signing in", () => {
  it("gives a token for a signed challenge, before the hotkey is registered too", async () => {
    const key = aKey();
    const challenge = await aChallenge(key.hotkey);
    expect(challenge.message).toContain(key.hotkey);
    const signature = key.sign(challenge.message);
    const signedIn = valueOf(
      await authenticate(test.app, { challengeId: challenge.id, hotkey: key.hotkey, signature }),
    );
    expect(signedIn).toMatchObject({ hotkey: key.hotkey, miner: null });
    expect(await minerOf(test.app, signedIn.token)).toMatchObject({ hotkey: key.hotkey });
  });

  it("uses a challenge once", async () => {
    const key = aKey();
    const { id: challengeId, message } = await aChallenge(key.hotkey);
    const attempt = () => authenticate(test.app, { challengeId, hotkey: key.hotkey, signature: key.sign(message) });
    const results = await Promise.all([attempt(), attempt(), attempt()]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter(({ ok }) => !ok)).toEqual([failure("CHALLENGE_INVALID"), failure("CHALLENGE_INVALID")]);
  });

  it("refuses a late signature, another key's, another text's and another hotkey's challenge", async () => {
    const [key, other] = [aKey(), aKey()];
    const { id: challengeId, message } = await aChallenge(key.hotkey);
    const attempt = (hotkey: string, signature: string) => authenticate(test.app, { challengeId, hotkey, signature });
    expect(await attempt(key.hotkey, other.sign(message))).toEqual(failure("SIGNATURE_INVALID"));
    expect(await attempt(key.hotkey, key.sign("another text"))).toEqual(failure("SIGNATURE_INVALID"));
    expect(await attempt(key.hotkey, "nonsense")).toEqual(failure("SIGNATURE_INVALID"));
    expect(await attempt(other.hotkey, other.sign(message))).toEqual(failure("CHALLENGE_INVALID"));
    test.clock.advance(test.app.settings.tokens.challengeLifetimeMs);
    expect(await attempt(key.hotkey, key.sign(message))).toEqual(failure("CHALLENGE_INVALID"));
  });

  it.each(["", "nobody", "0x" + "ab".repeat(32)])("gives no challenge to %j", async (hotkey) => {
    expect(await requestChallenge(test.app, { hotkey })).toEqual(failure("INVALID_INPUT"));
  });

  it("forgets challenges that nobody can use any more", async () => {
    const { id } = await aChallenge(aKey().hotkey);
    test.clock.advance(test.app.settings.tokens.challengeLifetimeMs + 1);
    await aChallenge(aKey().hotkey);
    expect(await test.app.store.findOne("challenges", { id })).toBeNull();
  });

  it("ends with the token's time, unless it was refreshed", async () => {
    const token = await signIn(test.app, aKey());
    const principal = await minerOf(test.app, token);
    test.clock.advance(test.app.settings.tokens.lifetimeMs - 1);
    const fresh = valueOf(await refreshToken(test.app, principal));
    test.clock.advance(1);
    expect(await principalFromToken(test.app, token)).toEqual(failure("UNAUTHENTICATED"));
    expect(await minerOf(test.app, fresh.token)).toEqual(principal);
  });

  it("is not possible with a changed token", async () => {
    const token = await signIn(test.app, aKey());
    const [payload = "", signature = ""] = token.split(".");
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...Object(claims), hotkey: aKey().hotkey })).toString("base64url");
    expect(await principalFromToken(test.app, `${forged}.${signature}`)).toEqual(failure("UNAUTHENTICATED"));
  });
});

describe("registering", () => {
  it("makes one miner of one hotkey, and renews it", async () => {
    const principal = await minerOf(test.app, await signIn(test.app, aKey()));
    const register = (name: string) =>
      registerMiner(test.app, principal, { idempotencyKey: randomUUID(), name, ...aCapacity() });
    const first = valueOf(await register("first"));
    const second = valueOf(await register("second"));
    expect(second).toMatchObject({ id: first.id, hotkey: principal.hotkey, name: "second" });
    expect(await test.app.store.count("miners", { hotkey: principal.hotkey })).toBe(1);
  });

  it("replays with the same key, and refuses another body under it", async () => {
    const principal = await minerOf(test.app, await signIn(test.app, aKey()));
    const input = { idempotencyKey: randomUUID(), name: "a miner", ...aCapacity() };
    const first = valueOf(await registerMiner(test.app, principal, input));
    expect(valueOf(await registerMiner(test.app, principal, input))).toEqual(first);
    expect(await registerMiner(test.app, principal, { ...input, slots: 3 })).toEqual(failure("IDEMPOTENCY_CONFLICT"));
  });

  it("refuses who is no miner, unknown task types and impossible capacities", async () => {
    const principal = await minerOf(test.app, await signIn(test.app, aKey()));
    const register = (by: Principal, changes: object) =>
      registerMiner(test.app, by, { idempotencyKey: randomUUID(), name: "a miner", ...aCapacity(), ...changes });
    expect(await register(operator, {})).toEqual(failure("FORBIDDEN"));
    expect(await register({ kind: "ANONYMOUS" }, {})).toEqual(failure("UNAUTHENTICATED"));
    expect(await register(principal, { taskTypes: ["mining"] })).toEqual(failure("UNKNOWN_TASK_TYPE"));
    for (const wrong of [{ slots: 0 }, { slots: 1.5 }, { maxParameterCount: -1 }, { taskTypes: [] }, { name: "" }]) {
      expect(await register(principal, wrong)).toEqual(failure("INVALID_INPUT"));
    }
  });

  it("comes before anything else", async () => {
    const principal = await minerOf(test.app, await signIn(test.app, aKey()));
    expect(await updateCapacity(test.app, principal, aCapacity())).toEqual(failure("NOT_FOUND"));
    expect(await heartbeat(test.app, principal, {})).toEqual(failure("NOT_FOUND"));
  });
});

describe("a registered miner", () => {
  it("changes what it can take on", async () => {
    const miner = await aMiner(test.app);
    valueOf(await updateCapacity(test.app, miner, { ...aCapacity(), slots: 7 }));
    expect(await test.app.store.findOne("miners", { id: miner.minerId })).toMatchObject({ slots: 7 });
  });

  it("gives a sign of life", async () => {
    const miner = await aMiner(test.app);
    test.clock.advance(5000);
    const { at } = valueOf(await heartbeat(test.app, miner, {}));
    expect(await test.app.store.findOne("miners", { id: miner.minerId })).toMatchObject({ lastHeartbeatAt: at });
    expect(at).toEqual(test.clock.now());
  });

  it("is shut out while the operator suspends it", async () => {
    const key = aKey();
    const token = await signIn(test.app, key);
    const miner = await minerOf(test.app, token);
    valueOf(await registerMiner(test.app, miner, { idempotencyKey: randomUUID(), name: "a miner", ...aCapacity() }));
    const suspend = (suspended: boolean, by: Principal = operator) =>
      suspendMiner(test.app, by, { minerId: miner.minerId, suspended });
    expect(await suspend(true, miner)).toEqual(failure("FORBIDDEN"));
    valueOf(await suspend(true));
    expect(await principalFromToken(test.app, token)).toEqual(failure("MINER_SUSPENDED"));
    expect(await heartbeat(test.app, miner, {})).toEqual(failure("MINER_SUSPENDED"));
    expect(await refreshToken(test.app, miner)).toEqual(failure("MINER_SUSPENDED"));
    await expect(signIn(test.app, key)).rejects.toThrow("MINER_SUSPENDED");
    valueOf(await suspend(false));
    expect(await minerOf(test.app, token)).toEqual(miner);
  });
});
