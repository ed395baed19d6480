import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { id, line } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import { ownMiner } from "./own-miner.ts";

const steps = z.int().nonnegative();

const schema = z.object({
  assignmentId: id.nullish(),
  phase: line(60).nullish(),
  step: steps.nullish(),
  steps: steps.nullish(),
  loss: z.number().nullish(),
  etaSeconds: z.number().nonnegative().nullish(),
});

/** A sign of life, and how far an own assignment's training is. The miner counts as online either way. */
export async function heartbeat(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<{ readonly at: Date }>> {
  const miner = await ownMiner(app.store, principal);
  if (!miner.ok) return miner;
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { assignmentId, phase = null, step = null, steps = null, loss = null, etaSeconds = null } = parsed.value;
  const at = app.clock.now();
  return app.store.transaction(async (tx) => {
    const own = { id: assignmentId ?? "", minerId: miner.value.id };
    const progress = { phase, step, steps, loss, etaSeconds, at: at.toISOString() };
    // The assignment before the miner, as everybody locks them: a cancellation that tells the miner can't wait for us.
    const told = assignmentId ? await tx.update("assignments", { ...own, status: "ACTIVE" }, { progress }) : 0;
    await tx.update("miners", { id: miner.value.id }, { lastHeartbeatAt: at });
    if (!assignmentId) return ok({ at });
    const assignment = await tx.findOne("assignments", own);
    const path = ["input", "assignmentId"];
    if (assignment === null) return fail("NOT_FOUND", "expected the id of one of your assignments, found none", path);
    if (told === 0)
      return fail("ASSIGNMENT_NOT_ACTIVE", `expected an ACTIVE assignment, found it ${assignment.status}`, path);
    await tx.ring("topic", `task:${assignment.taskId}`, { taskId: assignment.taskId });
    return ok({ at });
  });
}
