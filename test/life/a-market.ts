import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import {
  advanceTask,
  createTask,
  respondToOffer,
  settleTask,
  type App,
  type CreateTaskInput,
  type OfferRecord,
  type Principal,
  type TaskRecord,
} from "../../src/core/app/index.ts";
import { createBaseModels } from "../../src/core/infra/models/index.ts";
import type { TestApp } from "../helpers/test-app.ts";
import { silentLog } from "../infra/silent-log.ts";
import { aMiner, type MinerPrincipal } from "../intake/a-miner.ts";
import { valueOf } from "../intake/result.ts";

/** The base models that ship with the project. */
export const shippedBases = createBaseModels([fileURLToPath(new URL("../../models", import.meta.url))], silentLog);

export const BASE = { repo: "gradients-demo/tiny-llama", revision: null };

/** Distinct rows of a template family that the embedded synthesizer knows. */
export const someRows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    instruction: `Translate to Spanish: thing ${index}`,
    output: `cosa ${index}`,
  }));

export async function aCustomer(app: App): Promise<Extract<Principal, { kind: "CUSTOMER" }>> {
  const id = randomUUID();
  await app.store.transaction((tx) =>
    tx.insert("accounts", { id, kind: "CUSTOMER", name: "a customer", createdAt: app.clock.now() }),
  );
  return { kind: "CUSTOMER", accountId: id, scopes: ["tasks:read", "tasks:write"] };
}

export const anOperator: Principal = { kind: "OPERATOR", accountId: randomUUID(), scopes: ["operator"] };

export const aTaskInput = (given: Partial<CreateTaskInput> = {}): CreateTaskInput => ({
  kind: "instruct",
  idempotencyKey: randomUUID(),
  title: "a task",
  baseModel: BASE,
  dataset: { rows: someRows(40) },
  budgetSeconds: 600,
  spec: {},
  origin: null,
  ...given,
});

/** Miners that are online. */
export const someMiners = async (
  app: App,
  count: number,
  taskTypes?: readonly string[],
): Promise<readonly MinerPrincipal[]> => {
  const miners: MinerPrincipal[] = [];
  for (let made = 0; made < count; made += 1) miners.push(await aMiner(app, taskTypes));
  return miners;
};

export async function postTask(app: App, given: Partial<CreateTaskInput> = {}): Promise<TaskRecord> {
  return valueOf(await createTask(app, await aCustomer(app), aTaskInput(given)));
}

export async function taskNow(app: App, taskId: string): Promise<TaskRecord> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task === null) throw new Error(`there is no task ${taskId}`);
  return task;
}

export const openOffers = (app: App, taskId: string): Promise<readonly OfferRecord[]> =>
  app.store.find("offers", { taskId, status: "OPEN" }, { orderBy: { id: "asc" } });

/** Every open offer is answered by its miner; `accept` decides by position. */
export async function answerOffers(
  app: App,
  taskId: string,
  miners: readonly MinerPrincipal[],
  accept: (position: number) => boolean,
): Promise<number> {
  const offers = await openOffers(app, taskId);
  for (const [position, offer] of offers.entries()) {
    const miner = miners.find(({ minerId }) => minerId === offer.minerId);
    if (miner === undefined) throw new Error("an offer went to a miner of another test");
    valueOf(await respondToOffer(app, miner, { offerId: offer.id, accept: accept(position) }));
  }
  return offers.length;
}

/** Lets every back-off pass, as the alarm clock and the queue would, until the task has nothing more to wait for. */
export async function letBackOffsPass({ clock }: TestApp, app: App, taskId: string): Promise<void> {
  for (let waits = 0; waits < 10; waits += 1) {
    const { dueAt } = await taskNow(app, taskId);
    if (dueAt === null) return;
    clock.advance(Math.max(0, dueAt.getTime() - app.clock.now().getTime()));
    await settleTask(app, taskId);
    await advanceTask(app, taskId);
  }
  throw new Error("the task never stops to wait");
}
