import { randomUUID } from "node:crypto";
import { bytesToHex } from "@noble/hashes/utils.js";
import { getPublicKey, secretFromSeed, sign } from "@scure/sr25519";
import type { App, Principal } from "../../src/core/app/index.ts";
import { authenticate } from "../../src/core/app/miners/authenticate.ts";
import { registerMiner } from "../../src/core/app/miners/register-miner.ts";
import { requestChallenge } from "../../src/core/app/miners/request-challenge.ts";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import { encodeSs58 } from "../../src/core/infra/auth/index.ts";
import { valueOf } from "./result.ts";

/** A miner's key pair. */
export interface TestKey {
  readonly hotkey: string;
  sign(message: string): string;
}

export function aKey(): TestKey {
  const secret = secretFromSeed(crypto.getRandomValues(new Uint8Array(32)));
  return {
    hotkey: encodeSs58(getPublicKey(secret)),
    sign: (message) => bytesToHex(sign(secret, new TextEncoder().encode(message))),
  };
}

/** Signs in as the server wants it; gives the token. */
export async function signIn(app: App, key: TestKey): Promise<string> {
  const { id: challengeId, message } = valueOf(await requestChallenge(app, { hotkey: key.hotkey }));
  return valueOf(await authenticate(app, { challengeId, hotkey: key.hotkey, signature: key.sign(message) })).token;
}

export type MinerPrincipal = Extract<Principal, { kind: "MINER" }>;

/** Who a token speaks for, which must be a miner. */
export async function minerOf(app: App, token: string): Promise<MinerPrincipal> {
  const principal = valueOf(await principalFromToken(app, token));
  if (principal.kind !== "MINER") throw new Error(`expected a miner, found ${principal.kind}`);
  return principal;
}

export const aCapacity = (taskTypes: readonly string[] = ["instruct"]) => ({
  taskTypes: [...taskTypes],
  maxParameterCount: 1e9,
  slots: 2,
});

/** A miner that has signed in and registered. */
export async function aMiner(app: App, taskTypes?: readonly string[]): Promise<MinerPrincipal> {
  const principal = await minerOf(app, await signIn(app, aKey()));
  valueOf(
    await registerMiner(app, principal, { idempotencyKey: randomUUID(), name: "a miner", ...aCapacity(taskTypes) }),
  );
  return principal;
}
