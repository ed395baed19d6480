import { randomUUID } from "node:crypto";
import type { App, AssignmentRecord, MinerRecord, SubmissionRecord, TaskRecord } from "../../src/core/app/index.ts";
import { createAccount } from "../../src/core/app/accounts/create-account.ts";
import { createApiKey } from "../../src/core/app/accounts/create-api-key.ts";
import { ensureOperator } from "../../src/core/app/accounts/ensure-operator.ts";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import { registerMiner } from "../../src/core/app/miners/register-miner.ts";
import { aCapacity, aKey, minerOf, signIn } from "../intake/a-miner.ts";
import { valueOf } from "../intake/result.ts";
import { aFinding, anAssignment, anEvaluation, anOffer, anUpload, aScore, aSplit, aSubmission, aTask } from "./rows.ts";

const OPERATOR_KEY = "gr_operator_0123456789abcdef0123456789abcdef";

/** Somebody with a token. */
export interface Customer {
  readonly accountId: string;
  readonly token: string;
}
export interface Competitor {
  readonly miner: MinerRecord;
  readonly token: string;
}

/** The operator's API key. */
export async function anOperator(app: App): Promise<string> {
  await ensureOperator(app, OPERATOR_KEY);
  return OPERATOR_KEY;
}

/** A customer with an API key of every scope that a customer can have. */
export async function aCustomer(app: App, name = "a customer"): Promise<Customer> {
  const operator = valueOf(await principalFromToken(app, await anOperator(app)));
  const account = valueOf(await createAccount(app, operator, { idempotencyKey: randomUUID(), name, kind: "CUSTOMER" }));
  const scopes = ["tasks:read", "tasks:write", "keys:write"] as const;
  const request = { idempotencyKey: randomUUID(), accountId: account.id, label: "tests", scopes: [...scopes] };
  const { secret } = valueOf(await createApiKey(app, operator, request));
  return { accountId: account.id, token: secret };
}

/** A registered miner with a token. */
export async function aCompetitor(app: App, name = "a miner"): Promise<Competitor> {
  const token = await signIn(app, aKey());
  const principal = await minerOf(app, token);
  const miner = valueOf(await registerMiner(app, principal, { idempotencyKey: randomUUID(), name, ...aCapacity() }));
  return { miner, token };
}

/** What one competitor did in one task. */
export interface Entry {
  readonly assignment: AssignmentRecord;
  readonly submission: SubmissionRecord;
}

/** A task with splits, assignments, submissions, evaluations and findings; scores only where it is SCORED. */
export async function aPlayedTask(
  app: App,
  given: Partial<TaskRecord>,
  competitors: readonly Competitor[],
): Promise<{ readonly task: TaskRecord; readonly entries: readonly Entry[] }> {
  const task = aTask({ secretCommitment: app.secrets.sha256(randomUUID()), ...given });
  const taskId = task.id;
  return app.store.transaction(async (tx) => {
    await tx.insert("tasks", task);
    await tx.insertMany(
      "datasetSplits",
      (["TRAIN", "TEST", "SYNTH"] as const).map((split) => aSplit({ taskId, split })),
    );
    await tx.insert("taskEvents", {
      taskId,
      type: "created",
      fromStatus: null,
      toStatus: "QUEUED",
      actor: "test",
      data: {},
      at: task.createdAt,
    });
    await tx.insert("evaluations", anEvaluation(3, { taskId, submissionId: null }));
    const entries: Entry[] = [];
    for (const [index, { miner }] of competitors.entries()) {
      const minerId = miner.id;
      const offer = await tx.insert("offers", anOffer({ taskId, minerId }));
      const assignment = await tx.insert("assignments", anAssignment({ taskId, minerId, offerId: offer.id }));
      const upload = await tx.insert("uploads", anUpload({ assignmentId: assignment.id, minerId }));
      const whose = { taskId, assignmentId: assignment.id, minerId, uploadId: upload.id };
      const submission = await tx.insert("submissions", aSubmission(whose));
      await tx.insert("evaluations", anEvaluation(1 + index, { taskId, submissionId: submission.id }));
      if (index > 0) await tx.insert("findings", aFinding({ taskId, submissionId: submission.id }));
      if (task.status === "SCORED") {
        const rank = index === 0 ? 1 : null;
        const outcome = index === 0 ? {} : { taskScore: -1, adjustedScore: -1, reason: "DISQUALIFIED" };
        await tx.insert("scores", aScore({ taskId, minerId, submissionId: submission.id, rank, ...outcome }));
      }
      entries.push({ assignment, submission });
    }
    return { task, entries };
  });
}
