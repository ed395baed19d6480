import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";

/** A miner's short-lived token: `base64url(JSON {hotkey, expiresAt}) . base64url(HMAC-SHA256 of the first part)`. */
export interface MinerToken {
  readonly token: string;
  readonly expiresAt: Date;
}

const payloadSchema = z.strictObject({ hotkey: z.string(), expiresAt: z.int() });
const LONGEST_TOKEN = 1000;

/** Signs a token that speaks for `hotkey` for `settings.tokens.lifetimeMs`. */
export function issueMinerToken(app: Pick<App, "clock" | "settings" | "signer">, hotkey: string): MinerToken {
  const expiresAt = new Date(app.clock.now().getTime() + app.settings.tokens.lifetimeMs);
  const payload = Buffer.from(JSON.stringify({ hotkey, expiresAt: expiresAt.getTime() })).toString("base64url");
  return { token: `${payload}.${app.signer.sign("miner-token", payload)}`, expiresAt };
}

/** The hotkey that a token of this server speaks for, while it is valid. */
export function readMinerToken(app: Pick<App, "clock" | "signer">, token: string): AppResult<string> {
  const [payload, signature, ...rest] = token.split(".");
  const wellFormed = token.length <= LONGEST_TOKEN && payload && signature && rest.length === 0;
  if (!wellFormed || !app.signer.verify("miner-token", payload, signature)) {
    return fail("UNAUTHENTICATED", "expected a token of this server, found something else: authenticate again");
  }
  // The signature says that this server wrote it.
  const { hotkey, expiresAt } = payloadSchema.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
  if (expiresAt <= app.clock.now().getTime()) {
    return fail("UNAUTHENTICATED", `the token expired at ${new Date(expiresAt).toISOString()}: authenticate again`);
  }
  return ok(hotkey);
}
