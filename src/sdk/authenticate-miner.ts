import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "./backoff.ts";
import type { GradientsClient } from "./client.ts";
import { present } from "./errors.ts";
import { AuthenticateDocument, RefreshTokenDocument, RequestChallengeDocument } from "./generated/graphql.ts";
import type { KeyPair } from "./keys.ts";

/** A clock that is ahead makes every token look old. */
const MIN_PAUSE_MS = 1_000;

export interface MinerSession {
  readonly hotkey: string;
  /** Null for a hotkey that is not registered yet. */
  readonly miner: { readonly id: string; readonly name: string } | null;
  readonly expiresAt: Date;
}

/** Signs a challenge of the server with the hotkey and gives the client the token. @throws UserError, RequestError, ConnectionError */
export async function authenticateMiner(
  client: GradientsClient,
  keyPair: KeyPair,
  signal?: AbortSignal,
): Promise<MinerSession> {
  const { hotkey } = keyPair;
  const options = { signal, anonymous: true };
  const { requestChallenge } = await client.request(RequestChallengeDocument, { input: { hotkey } }, options);
  const challenge = present(requestChallenge.challenge, "challenge");
  const input = { challengeId: challenge.id, hotkey, signature: keyPair.sign(challenge.message) };
  const { authenticate } = await client.request(AuthenticateDocument, { input }, options);
  client.setToken(present(authenticate.token, "token"));
  return { hotkey, miner: authenticate.miner, expiresAt: new Date(present(authenticate.expiresAt, "expiresAt")) };
}

/**
 * Renews the token at two thirds of its life until the signal aborts: over the open socket, or, where that
 * fails, by signing a new challenge.
 */
export async function keepTokenFresh(
  client: GradientsClient,
  keyPair: KeyPair,
  session: MinerSession,
  signal: AbortSignal,
): Promise<void> {
  let { expiresAt } = session;
  let failures = 0;
  while (!signal.aborted) {
    const life = expiresAt.getTime() - Date.now();
    const pause = failures === 0 ? Math.max(MIN_PAUSE_MS, (life * 2) / 3) : backoffMs(failures);
    await wait(pause, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      expiresAt = await renew(client, keyPair, signal);
      failures = 0;
    } catch {
      failures += 1;
    }
  }
}

async function renew(client: GradientsClient, keyPair: KeyPair, signal: AbortSignal): Promise<Date> {
  try {
    const { refreshToken } = await client.requestOverSocket(RefreshTokenDocument, {}, { signal });
    client.setToken(present(refreshToken.token, "token"));
    return new Date(present(refreshToken.expiresAt, "expiresAt"));
  } catch {
    return (await authenticateMiner(client, keyPair, signal)).expiresAt;
  }
}
