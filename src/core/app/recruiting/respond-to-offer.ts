import { InfrastructureError } from "../../contract/index.ts";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { ownMiner } from "../miners/own-miner.ts";
import type { Tx } from "../ports.ts";
import { principalName, type Principal } from "../principal.ts";
import type { OfferRecord } from "../records.ts";
import { recordEvent, lockTask } from "../tasks/transition.ts";
import { recruitMiners } from "./recruit-miners.ts";

/** A miner's answer to one of its own offers. The last answer of a wave starts the training or refills at once. */
export async function respondToOffer(
  app: App,
  principal: Principal,
  input: { readonly offerId: string; readonly accept: boolean },
): Promise<AppResult<OfferRecord>> {
  const miner = await ownMiner(app.store, principal);
  if (!miner.ok) return miner;
  const { id: minerId } = miner.value;
  return app.store.transaction(async (tx) => {
    const path = ["input", "offerId"];
    const seen = await tx.findOne("offers", { id: input.offerId, minerId });
    if (seen === null) return fail("NOT_FOUND", "expected one of your offers, found none with this id", path);
    await lockTask(tx, seen.taskId);
    const offer = await lockOffers(tx, seen);
    const wanted = input.accept ? "ACCEPTED" : "DECLINED";
    if (offer === null) return fail("NOT_FOUND", "expected one of your offers, found none with this id", path);
    if (offer.status === wanted) return ok(offer);
    const now = app.clock.now();
    if (offer.status !== "OPEN" || offer.expiresAt <= now) {
      const found = offer.status === "OPEN" ? "EXPIRED" : offer.status;
      return fail("OFFER_CLOSED", `expected an open offer, found it ${found}; wait for the next one`, path);
    }
    if (input.accept && !(await hasFreeSlot(tx, minerId))) {
      return fail(
        "NO_FREE_SLOT",
        "all your slots are taken: raise them with updateCapacity or finish a task first",
        path,
      );
    }
    await tx.update("offers", { id: offer.id }, { status: wanted, answeredAt: now });
    if (input.accept) {
      await tx.insert("assignments", {
        id: app.ids.derived("assignment", offer.id),
        taskId: offer.taskId,
        minerId: offer.minerId,
        offerId: offer.id,
        status: "ACCEPTED",
        acceptedAt: now,
        endedAt: null,
        progress: null,
        failureMessage: null,
      });
    }
    const actor = principalName(principal);
    await recordEvent(app, tx, offer.taskId, input.accept ? "offerAccepted" : "offerDeclined", {
      actor,
      data: { offerId: offer.id },
    });
    await recruitNow(app, tx, offer.taskId);
    return ok({ ...offer, status: wanted, answeredAt: now });
  });
}

/**
 * The offer as it is now. All open offers of its miner are locked, in one order: of two that it accepts at the same moment,
 * the second one sees the slot that the first one took. Others change an offer only with its task locked.
 */
async function lockOffers(tx: Tx, { id, minerId }: OfferRecord): Promise<OfferRecord | null> {
  await tx.find("offers", { minerId, status: "OPEN" }, { orderBy: { id: "asc" }, lock: "update" });
  return tx.findOne("offers", { id });
}

/** What goes on with the task is not the miner's affair: its answer counts where the infrastructure fails, too. */
async function recruitNow(app: App, tx: Tx, taskId: string): Promise<void> {
  try {
    await recruitMiners(app, tx, taskId);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    await tx.ring("wake", "advance", { taskId });
  }
}

async function hasFreeSlot(tx: Tx, minerId: string): Promise<boolean> {
  const miner = await tx.findOne("miners", { id: minerId });
  const busy = await tx.count("assignments", { minerId, status: { in: ["ACCEPTED", "ACTIVE"] } });
  return miner !== null && busy < miner.slots;
}
