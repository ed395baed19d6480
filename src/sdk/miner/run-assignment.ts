import { join } from "node:path";
import { withRetries, type Backoff, type RetryOptions } from "../backoff.ts";
import type { GradientsClient } from "../client.ts";
import { RequestError, UserError } from "../errors.ts";
import { HeartbeatDocument, SealSubmissionDocument } from "../generated/graphql.ts";
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
  "FILE_CHANGED",
  "UPLOAD_NOT_OPEN",
  "UPLOAD_DIGEST_MISMATCH",
  "IDEMPOTENCY_CONFLICT",
]);
/** The server takes so much of a strategy's name. */
const MAX_STRATEGY_CHARACTERS = 80;

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
 * @throws what the model maker throws; UserError or RequestError where the server refuses a step for good; the signal's
 * reason where it aborts.
 */
export async function runAssignment(run: AssignmentRun): Promise<void> {
  let { state } = run;
  const moveTo = async (stage: AssignmentStage): Promise<void> => {
    state = (await run.assignments.change(state.assignmentId, { stage })) ?? state;
    run.onStage(state);
  };
  const retry: RetryOptions = { retries: Number.POSITIVE_INFINITY, backoff: run.backoff, signal: run.signal };
  const folder = run.assignments.workFolder(state.assignmentId);
  if (state.stage === "ASSIGNED") {
    await makeModel(run, folder, retry);
    await moveTo("MADE");
  }
  if (state.stage !== "MADE") return;
  for (;;) {
    try {
      await seal(run, state, folder, retry);
      break;
    } catch (error) {
      if (!isLostUpload(error) || state.uploads >= MAX_UPLOADS) throw error;
      const uploads = state.uploads + 1;
      state = (await run.assignments.change(state.assignmentId, { uploads })) ?? { ...state, uploads };
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
  let making = true;
  const send = async (progress: Progress): Promise<void> => {
    const refusal = await sendProgress(run, progress);
    // A report that comes in after the seal is refused too, and that is no reason to stop.
    if (refusal !== null && making) run.onRefused(refusal);
  };
  const report = progressReporter(send, { intervalMs: PROGRESS_INTERVAL_MS, now: () => performance.now() });
  const onProgress = (progress: Progress): void => {
    run.onProgress(state, progress);
    report(progress);
  };
  await run.makeModel({ taskId: state.taskId, kind: state.kind, folder, baseFolder, onProgress, signal });
  making = false;
}

/** Returns why the server does not want it; any other failure is made up for by the next report. */
async function sendProgress(
  { client, state, signal }: AssignmentRun,
  { step, steps, loss, etaSeconds }: Progress,
): Promise<UserError | null> {
  const input = { assignmentId: state.assignmentId, phase: "TRAINING", step, steps, loss, etaSeconds };
  try {
    await client.request(HeartbeatDocument, { input }, { signal });
    return null;
  } catch (error) {
    return error instanceof UserError ? error : null;
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
    strategy: strategyLabel?.slice(0, MAX_STRATEGY_CHARACTERS) ?? null,
  };
  await withRetries(() => client.request(SealSubmissionDocument, { input }, { signal }), retry);
}
