import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import { refuseScope } from "../accounts/scopes.ts";
import { fail, type AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import { accessTopic, type Principal } from "../principal.ts";
import type { MinerRecord } from "../records.ts";

const schema = z.object({ minerId: id, suspended: z.boolean() });

/** The operator shuts a miner out (its tokens stop working, it gets no offers) or lets it in again. */
export async function suspendMiner(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<MinerRecord>> {
  if (principal.kind !== "OPERATOR") return refuseScope(principal, "operator");
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { minerId, suspended } = parsed.value;
  return app.store.transaction(async (tx) => {
    const miner = await tx.findOne("miners", { id: minerId }, { lock: "update" });
    if (miner === null) return fail("NOT_FOUND", "expected the id of a miner, found none", ["input", "minerId"]);
    const status = suspended ? "SUSPENDED" : "ACTIVE";
    await tx.update("miners", { id: minerId }, { status });
    await audit(app, tx, principal, "suspendMiner", { minerId, suspended });
    await tx.ring("topic", accessTopic(minerId), {});
    return ok({ ...miner, status });
  });
}
