import { join } from "node:path";
import { withRetries, type Backoff, type RetryOptions } from "../backoff.ts";
import type { GradientsClient } from "../client.ts";
import { RequestError, UserError } from "../errors.ts";
import { HeartbeatDocument, ReportFailureDocument, SealSubmissionDocument } from "../generated/graphql.ts";
import { uploadFolder } from "../upload-folder.ts";
import type { AssignmentFolder, AssignmentStage, AssignmentState } from "./assignment-state.ts";
import { findBaseModel } from "./base-model-folder.ts";
import { artifactKind, type MakeModel } from "./model-maker.ts";
import { progressReporter, type Progress } from "./progress.ts";
import { fillWorkFolder } from "./work-folder.ts";

const PROGRESS_INTERVAL_MS = 250;
/** An upload that ended before it was sealed is begun anew this often. */
const MAX_UPLOADS = 3;
const LOST_UPLOAD_CODES: ReadonlySet<string> = new Set([
  "UPLOAD_NOT_OPEN",
  "UPLOAD_DIGEST_MISMATCH",
  "IDEMPOTENCY_CONFLICT",
]);
/** The server takes so much of a failure's message; the end of a log says most. */
const MAX_FAILURE_CHARACTERS = 2000;

export interface AssignmentRun {
  readonly client: GradientsClient;
  readonly assignments: AssignmentFolder;
  readonly state: AssignmentState;
  readonly models: string;
  readonly makeModel: MakeModel;
  readonly strategy: unknown;
  readonly strategyLabel: string | null;
  readonly onProgress: (state: AssignmentState, progress: Progress) => void;
  readonly onStage: (state: AssignmentState) => void;
  /** The server said that the assignment is over. */
  readonly onRefused: (error: UserError) => void;
  readonly signal: AbortSignal;
  readonly backoff: Backoff;
}

/**
 * Takes an assignment from where it is to SEALED: files, model, upload, final seal. A model that was finished before a
 * restart is not made again.
 *
 * @throws UserError where the server refuses a step for good; the signal's reason where it aborts.
 */
export async function runAssignment(run: AssignmentRun): Promise<void> {
  let { state } = run;
  const moveTo = async (stage: AssignmentStage): Promise<void> => {
    state = { ...state, stage };
    await run.assignments.save(state);
    run.onStage(state);
  };
  const retry: RetryOptions = { retries: Number.POSITIVE_INFINITY, backoff: run.backoff, signal: run.signal };
  const folder = run.assignments.workFolder(state.assignmentId);
  if (state.stage === "ASSIGNED") {
    try {
      await makeModel(run, folder, retry);
    } catch (error) {
      if (run.signal.aborted || error instanceof UserError) throw error;
      await moveTo("FAILED");
      await reportFailure(run, error, retry);
      return;
    }
    await moveTo("MADE");
  }
  if (state.stage !== "MADE") return;
  for (;;) {
    try {
      await seal(run, state, folder, retry);
      break;
    } catch (error) {
      if (!isLostUpload(error) || state.uploads >= MAX_UPLOADS) throw error;
      state = { ...state, uploads: state.uploads + 1 };
      await run.assignments.save(state);
    }
  }
  await moveTo("SEALED");
}

const isLostUpload = (error: unknown): boolean =>
  (error instanceof UserError || error instanceof RequestError) && LOST_UPLOAD_CODES.has(error.code);

async function makeModel(run: AssignmentRun, folder: string, retry: RetryOptions): Promise<void> {
  const { client, state, models, strategy, signal } = run;
  const baseFolder = await findBaseModel(models, state.baseModel);
  if (baseFolder === null)
    throw new Error(`The base model ${state.baseModel.repo}@${state.baseModel.revision} is not in ${models}.`);
  await fillWorkFolder({ client, state, folder, baseFolder, strategy }, retry);
  const report = progressReporter((progress) => sendProgress(run, progress), {
    intervalMs: PROGRESS_INTERVAL_MS,
    now: () => performance.now(),
  });
  const onProgress = (progress: Progress): void => {
    run.onProgress(state, progress);
    report(progress);
  };
  await run.makeModel({ taskId: state.taskId, folder, baseFolder, onProgress, signal });
}

async function sendProgress(
  { client, state, signal, onRefused }: AssignmentRun,
  { step, steps, loss, etaSeconds }: Progress,
): Promise<void> {
  const input = { assignmentId: state.assignmentId, phase: "TRAINING", step, steps, loss, etaSeconds };
  try {
    await client.request(HeartbeatDocument, { input }, { signal });
  } catch (error) {
    if (error instanceof UserError) onRefused(error);
  }
}

async function seal(
  run: AssignmentRun,
  { assignmentId, uploads }: AssignmentState,
  folder: string,
  retry: RetryOptions,
): Promise<void> {
  const { client, strategyLabel, signal } = run;
  const model = join(folder, "model");
  const uploadId = await uploadFolder(
    client,
    { assignmentId, folder: model, idempotencyKey: `upload:${assignmentId}:${uploads}` },
    retry,
  );
  const input = {
    idempotencyKey: `seal:${uploadId}`,
    uploadId,
    artifactKind: await artifactKind(model),
    final: true,
    strategy: strategyLabel,
  };
  await withRetries(() => client.request(SealSubmissionDocument, { input }, { signal }), retry);
}

async function reportFailure(
  { client, state, signal }: AssignmentRun,
  error: unknown,
  retry: RetryOptions,
): Promise<void> {
  const message = (error instanceof Error ? error.message : String(error)).slice(-MAX_FAILURE_CHARACTERS);
  const input = { assignmentId: state.assignmentId, message };
  await withRetries(() => client.request(ReportFailureDocument, { input }, { signal }), retry);
}
