import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { MinerRecord } from "../records.ts";
import { minerIdOf } from "./miner-id.ts";
import { issueMinerToken, type MinerToken } from "./miner-token.ts";

const schema = z.object({ challengeId: id, hotkey: z.string().max(64), signature: z.string().max(200) });

/** Who signed in; `miner` is null until the hotkey registers. */
export interface SignedIn extends MinerToken {
  readonly hotkey: string;
  readonly miner: MinerRecord | null;
}

/** Exchanges a signed challenge for a token. A challenge works once. */
export async function authenticate(app: App, input: z.input<typeof schema>): Promise<AppResult<SignedIn>> {
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { challengeId, hotkey, signature } = parsed.value;
  return app.store.transaction(async (tx) => {
    const now = app.clock.now();
    const challenge = await tx.findOne("challenges", { id: challengeId, hotkey }, { lock: "update" });
    if (challenge === null || challenge.usedAt !== null || challenge.expiresAt <= now) {
      const message = "expected an unused challenge of this hotkey that has not expired: request a new one";
      return fail("CHALLENGE_INVALID", message, ["input", "challengeId"]);
    }
    if (!app.hotkeys.verify(hotkey, challenge.message, signature)) {
      const message =
        "expected an sr25519 signature (context substrate, 128 hex digits) by the hotkey over the challenge's message";
      return fail("SIGNATURE_INVALID", message, ["input", "signature"]);
    }
    const miner = await tx.findOne("miners", { id: minerIdOf(app, hotkey) });
    if (miner?.status === "SUSPENDED") return fail("MINER_SUSPENDED", "this miner is suspended: ask the operator");
    await tx.update("challenges", { id: challengeId }, { usedAt: now });
    return ok({ ...issueMinerToken(app, hotkey), hotkey, miner });
  });
}
