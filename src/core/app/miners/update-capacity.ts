import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { MinerRecord } from "../records.ts";
import { capacityShape, checkTaskTypes } from "./capacity.ts";
import { ownMiner } from "./own-miner.ts";

const schema = z.object(capacityShape);

/** Says anew what the miner can take on; tasks that it has already accepted stay. */
export async function updateCapacity(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<MinerRecord>> {
  const miner = await ownMiner(app.store, principal);
  if (!miner.ok) return miner;
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const known = checkTaskTypes(app, parsed.value.taskTypes);
  if (!known.ok) return known;
  await app.store.transaction((tx) => tx.update("miners", { id: miner.value.id }, parsed.value));
  return ok({ ...miner.value, ...parsed.value });
}
