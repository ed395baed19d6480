import { isTerminal } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Lease, SourceFault, Tx } from "../ports.ts";
import type { SourceFetchRecord, SubmissionRecord, UploadFile } from "../records.ts";
import { tellSealed } from "../submissions/sealed-event.ts";
import { invalid, type VerdictCode } from "../submissions/static-verdict.ts";
import { lockTask, recordEvent } from "../tasks/transition.ts";
import { fetchFiles } from "./fetch-files.ts";
import { withoutLinks } from "./source-input.ts";

/** Before the first retry; doubles with each failure. */
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;

/** A repository may be published right after its seal, so that nobody who sees it can seal it first. */
const LOOKS_FOR_A_REPOSITORY = 3;

/** The lease that fetching a submission is held by. */
export const fetchLease = (submissionId: string): string => `fetch:${submissionId}`;

/**
 * Fetches a sealed model from its source, where nobody else does and its time has come; then it is inspected like any
 * other. A fault of the miner's is its static verdict; one of the infrastructure's is tried again, and charged to nobody.
 */
export async function fetchSubmission(app: App, submissionId: string): Promise<void> {
  const work = async (lease: Lease): Promise<void> => {
    const fetch = await app.store.findOne("sourceFetches", { submissionId });
    if (fetch?.status !== "PENDING" || fetch.dueAt > app.clock.now()) return;
    const task = await app.store.findOne("tasks", { id: fetch.taskId });
    if (task === null || isTerminal(task.status)) return end(app, lease, fetch, { status: "CANCELLED" });
    const outcome = await tryFetch(app, lease, fetch);
    if (outcome.ok) await arrived(app, lease, fetch, outcome.value);
    else if (outcome.error.blame === "miner" && !mayStillAppear(app, fetch, outcome.error))
      await refuse(app, lease, fetch, outcome.error.code, outcome.error.message);
    else await retryLater(app, lease, fetch, outcome.error);
  };
  await app.leases.withLease(fetchLease(submissionId), work, "fetch");
}

function mayStillAppear(app: App, { source, attempts }: SourceFetchRecord, { code }: SourceFault): boolean {
  if (source.kind !== "HUGGING_FACE" || code !== "SOURCE_NOT_FOUND") return false;
  return attempts + 1 < Math.min(LOOKS_FOR_A_REPOSITORY, app.settings.sources.attempts);
}

async function tryFetch(app: App, lease: Lease, fetch: SourceFetchRecord): ReturnType<typeof fetchFiles> {
  const { timeoutMs } = app.settings.sources;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await fetchFiles(app, lease, fetch, AbortSignal.any([lease.signal, limit]));
  } catch (error) {
    // The lease is lost, or the process ends: somebody else goes on.
    lease.signal.throwIfAborted();
    if (limit.aborted) return { ok: false, error: tooSlow(timeoutMs) };
    const errorId = app.ids.random();
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    app.log.error("fetching a model failed", { submissionId: fetch.submissionId, errorId, error: reason });
    const message = `an error that nobody expected; the log has it as ${errorId}`;
    return { ok: false, error: { blame: "infrastructure", code: "UNEXPECTED", message } };
  }
}

const tooSlow = (timeoutMs: number): SourceFault => ({
  blame: "infrastructure",
  code: "SOURCE_UNREACHABLE",
  message: `the source took longer than ${timeoutMs / 1000} s`,
});

/** All bytes are here: what the submission is cannot change any more. */
const arrived = (app: App, lease: Lease, fetch: SourceFetchRecord, files: readonly UploadFile[]): Promise<void> =>
  end(app, lease, fetch, { status: "DONE" }, async (tx, { id: submissionId, taskId }) => {
    await tx.update("submissions", { id: submissionId }, { files });
    await recordEvent(app, tx, taskId, "sourceFetched", { actor: "scheduler", data: { submissionId } });
    await tx.ring("wake", "inspect", { submissionId });
    await tx.ring("wake", "advance", { taskId });
  });

const refuse = (app: App, lease: Lease, fetch: SourceFetchRecord, code: VerdictCode, message: string): Promise<void> =>
  end(app, lease, fetch, { status: "REFUSED", problem: { code, message } }, async (tx, submission) => {
    const { id: submissionId, taskId } = submission;
    const staticVerdict = invalid(code, message);
    await tx.update("submissions", { id: submissionId }, { staticVerdict });
    await tellSealed(app, tx, { ...submission, staticVerdict });
    const data = { submissionId, status: staticVerdict.status, code };
    await recordEvent(app, tx, taskId, "submissionInspected", { actor: "scheduler", data });
    await tx.ring("wake", "advance", { taskId });
  });

async function retryLater(
  app: App,
  lease: Lease,
  fetch: SourceFetchRecord,
  { code, message }: SourceFault,
): Promise<void> {
  const { submissionId, taskId, source } = fetch;
  const attempts = fetch.attempts + 1;
  app.log.warn("a source can't be read now", { submissionId, code, reason: message, attempts });
  const last = attempts >= app.settings.sources.attempts;
  // Storage of the miner's own choice is the miner's to keep up; the hub is everybody's.
  if (last && source.kind === "S3")
    return refuse(
      app,
      lease,
      fetch,
      "SOURCE_UNREACHABLE",
      `${message}, ${attempts} times: an upload would have arrived`,
    );
  const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
  await app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    const dueAt = new Date(app.clock.now().getTime() + delayMs);
    const status = last ? "STALLED" : "PENDING";
    await tx.update("sourceFetches", { submissionId }, { status, attempts, dueAt, problem: { code, message } });
    const data = { submissionId, code, message, attempts };
    await recordEvent(app, tx, taskId, "sourceDelayed", { actor: "scheduler", data });
    // Where the task waits for this model only, the operator must hear of it.
    if (last) await tx.ring("wake", "advance", { taskId });
  });
}

/** Writes how a fetch ended, once: locks in the order that every use case keeps. */
async function end(
  app: App,
  lease: Lease,
  { submissionId, taskId, source }: SourceFetchRecord,
  outcome: Pick<SourceFetchRecord, "status"> & Partial<SourceFetchRecord>,
  more: (tx: Tx, submission: SubmissionRecord) => Promise<void> = async () => undefined,
): Promise<void> {
  await app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    await lockTask(tx, taskId);
    const submission = await tx.findOne("submissions", { id: submissionId }, { lock: "update" });
    if (submission === null) throw new Error(`there is no submission ${submissionId}`);
    const patch = { problem: null, ...outcome, source: withoutLinks(source) };
    await tx.update("sourceFetches", { submissionId }, patch);
    await more(tx, submission);
  });
}
