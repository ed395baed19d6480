import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import { withIdempotency } from "../idempotency.ts";
import { idempotencyKey, line } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { MinerRecord } from "../records.ts";
import { capacityShape, checkTaskTypes } from "./capacity.ts";
import { refuseNonMiner } from "./own-miner.ts";

const schema = z.object({ idempotencyKey, name: line(80), ...capacityShape });

/** Makes the token's hotkey a miner. A hotkey is one miner: registering again only renews name and capacity. */
export async function registerMiner(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<MinerRecord>> {
  if (principal.kind !== "MINER") return refuseNonMiner(principal);
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { idempotencyKey: key, ...body } = parsed.value;
  const known = checkTaskTypes(app, body.taskTypes);
  if (!known.ok) return known;
  return withIdempotency(app, principal, { mutation: "registerMiner", key, body, table: "miners" }, async (tx) => {
    const now = app.clock.now();
    const { minerId: id, hotkey } = principal;
    const miner: MinerRecord = {
      id,
      hotkey,
      ...body,
      status: "ACTIVE",
      lastHeartbeatAt: now,
      eventSequence: 0,
      createdAt: now,
    };
    if (await tx.insertIfAbsent("miners", miner)) return ok(miner);
    await tx.update("miners", { id }, { ...body, lastHeartbeatAt: now });
    const registered = await tx.findOne("miners", { id });
    if (registered === null) throw new Error(`miner ${id} vanished while it registered`);
    return ok(registered);
  });
}
