import { createRng, poolSize } from "../../domain/index.ts";
import { z } from "zod";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { OfferRecord, TaskRecord } from "../records.ts";
import { baseModelPayload, tellMiners } from "../tasks/miner-events.ts";
import { baseOf, specOf } from "../tasks/task-needs.ts";
import { recordEvent } from "../tasks/transition.ts";
import { drawCandidates } from "./candidates.ts";

const drawnData = z.object({ round: z.number(), order: z.array(z.string()) });

/** k ~ uniform in the pool's range, drawn once for the task. */
export function minerTarget(app: App, task: TaskRecord): number {
  return poolSize(poolRange(app, task), createRng(app.secrets.seed(task.id, "k", 0)));
}

export function poolRange(app: App, task: TaskRecord): { readonly min: number; readonly max: number } {
  return app.settings.recruiting.pool ?? specOf(app, task).taskType.pool;
}

/** The order drawn for this round: drawn and recorded at its first wave, read back afterwards. */
async function orderOfRound(app: App, tx: Tx, task: TaskRecord): Promise<readonly string[]> {
  const drawn = await tx.find(
    "taskEvents",
    { taskId: task.id, type: "candidatesDrawn" },
    { orderBy: { sequence: "asc" } },
  );
  const earlier = drawn.map(({ data }) => drawnData.parse(data)).find(({ round }) => round === task.delays);
  if (earlier !== undefined) return earlier.order;
  const draw = await drawCandidates(app, tx, task);
  await recordEvent(app, tx, task.id, "candidatesDrawn", {
    actor: "scheduler",
    data: {
      round: task.delays,
      target: task.minerTarget,
      ranked: draw.ranked,
      order: draw.order,
      candidates: draw.candidates.map((candidate) => ({ ...candidate })),
    },
  });
  return draw.order;
}

/**
 * Makes one parallel wave of offers to the next miners of the round's order.
 *
 * @returns when the wave's window closes, or null where nobody is left to ask.
 */
export async function makeOffers(
  app: App,
  tx: Tx,
  task: TaskRecord,
  asked: readonly OfferRecord[],
  wanted: number,
): Promise<Date | null> {
  const order = await orderOfRound(app, tx, task);
  const known = new Set(asked.map(({ minerId }) => minerId));
  const chosen = order.filter((id) => !known.has(id)).slice(0, wanted);
  if (chosen.length === 0) return null;

  const now = app.clock.now();
  const wave = Math.max(-1, ...asked.map((offer) => offer.wave)) + 1;
  const expiresAt = new Date(now.getTime() + app.settings.recruiting.offerWindowMs);
  const offers = chosen.map((minerId): OfferRecord => ({
    id: app.ids.derived("offer", task.id, minerId, String(task.delays)),
    taskId: task.id,
    minerId,
    round: task.delays,
    wave,
    status: "OPEN",
    expiresAt,
    answeredAt: null,
    createdAt: now,
  }));
  await tx.insertMany("offers", offers);
  const { contextLength } = await baseOf(app, task);
  const payload = {
    taskId: task.id,
    kind: task.kind,
    baseModel: baseModelPayload(task, contextLength),
    budgetSeconds: task.grantedBudgetSeconds,
    delays: task.delays,
    datasetRows: task.datasetRows ?? 0,
    expiresAt: expiresAt.toISOString(),
  };
  await tellMiners(
    app,
    tx,
    offers.map(({ id, minerId }) => ({
      minerId,
      type: "OfferMade",
      taskId: task.id,
      cause: id,
      payload: { ...payload, offerId: id },
    })),
  );
  return expiresAt;
}
