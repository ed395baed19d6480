import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { parseInput } from "../parse-input.ts";
import type { ChallengeRecord } from "../records.ts";

const schema = z.object({ hotkey: z.string().max(64) });

/** A text to sign, good for one sign-in by one hotkey within `settings.tokens.challengeLifetimeMs`. Anybody may ask. */
export async function requestChallenge(app: App, input: z.input<typeof schema>): Promise<AppResult<ChallengeRecord>> {
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { hotkey } = parsed.value;
  if (!app.hotkeys.isAddress(hotkey)) {
    const message = "expected the SS58 address of an sr25519 hotkey (network 42, starts with 5), found something else";
    return fail("INVALID_INPUT", message, ["input", "hotkey"]);
  }
  const now = app.clock.now();
  const expiresAt = new Date(now.getTime() + app.settings.tokens.challengeLifetimeMs);
  const challenge = {
    id: app.ids.random(),
    hotkey,
    message: messageFor(app, hotkey, expiresAt),
    expiresAt,
    usedAt: null,
  };
  await app.store.transaction(async (tx) => {
    await tx.remove("challenges", { expiresAt: { lt: now } });
    await tx.insert("challenges", challenge);
  });
  return ok(challenge);
}

/** Names platform, hotkey and purpose, so that a signature means nothing anywhere else. */
function messageFor(app: App, hotkey: string, expiresAt: Date): string {
  return [
    "Gradients: sign in as a miner",
    `platform: ${app.settings.publicUrl ?? "local"}`,
    `hotkey: ${hotkey}`,
    `nonce: ${app.secrets.randomHex(16)}`,
    `expires: ${expiresAt.toISOString()}`,
  ].join("\n");
}
