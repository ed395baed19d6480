import { ok } from "../domain/index.ts";
import { authenticateApiKey } from "./accounts/authenticate-api-key.ts";
import type { App } from "./app.ts";
import { fail, type AppResult } from "./errors.ts";
import { minerIdOf } from "./miners/miner-id.ts";
import { readMinerToken } from "./miners/miner-token.ts";
import type { Principal } from "./principal.ts";

/** Who a bearer token speaks for: an API key's account or a miner. No token at all is ANONYMOUS, a wrong one is an error. */
export async function principalFromToken(app: App, token: string | null): Promise<AppResult<Principal>> {
  if (token === null || token === "") return ok({ kind: "ANONYMOUS" });
  if (token.startsWith("gr_")) return authenticateApiKey(app, token);
  const hotkey = readMinerToken(app, token);
  if (!hotkey.ok) return hotkey;
  const minerId = minerIdOf(app, hotkey.value);
  const miner = await app.store.findOne("miners", { id: minerId });
  if (miner?.status === "SUSPENDED") return fail("MINER_SUSPENDED", "this miner is suspended: ask the operator");
  return ok({ kind: "MINER", minerId, hotkey: hotkey.value });
}
