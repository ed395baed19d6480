import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { issueMinerToken, type MinerToken } from "./miner-token.ts";

/** A fresh token for a miner whose token is still valid. */
export async function refreshToken(app: App, principal: Principal): Promise<AppResult<MinerToken>> {
  if (principal.kind !== "MINER")
    return fail("UNAUTHENTICATED", "expected a valid miner token: authenticate with a hotkey");
  const miner = await app.store.findOne("miners", { id: principal.minerId });
  if (miner?.status === "SUSPENDED") return fail("MINER_SUSPENDED", "this miner is suspended: ask the operator");
  return ok(issueMinerToken(app, principal.hotkey));
}
