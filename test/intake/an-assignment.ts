import type { App, AssignmentStatus, TaskRecord } from "../../src/core/app/index.ts";
import { anAssignment as assignmentRow, anOffer, aTask } from "../infra/sample-rows.ts";
import { aMiner, type MinerPrincipal } from "./a-miner.ts";
import { TINY_BASE } from "./tiny-base.ts";

/** A miner in the middle of a task. */
export interface AtWork {
  readonly miner: MinerPrincipal;
  readonly taskId: string;
  readonly assignmentId: string;
}

/** A task in training that ends in a minute, with one assignment of a new miner. */
export async function anAssignment(
  app: App,
  { status = "ACTIVE", task: given = {} }: { status?: AssignmentStatus; task?: Partial<TaskRecord> } = {},
): Promise<AtWork> {
  const miner = await aMiner(app);
  const now = app.clock.now();
  const deadline = new Date(now.getTime() + 60_000);
  const base = { baseRepo: TINY_BASE.repo, baseRevision: TINY_BASE.revision };
  const task = aTask({
    kind: "instruct",
    status: "TRAINING",
    trainingStartedAt: now,
    deadline,
    dueAt: deadline,
    ...base,
    ...given,
  });
  const row = await app.store.findOne("miners", { id: miner.minerId });
  if (row === null) throw new Error("the miner has not registered");
  const offer = anOffer(task, row);
  const assignment = assignmentRow(offer, { status });
  await app.store.transaction(async (tx) => {
    await tx.insert("tasks", task);
    await tx.insert("offers", offer);
    await tx.insert("assignments", assignment);
  });
  return { miner, taskId: task.id, assignmentId: assignment.id };
}
