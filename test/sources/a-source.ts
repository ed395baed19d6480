import { randomBytes, randomUUID } from "node:crypto";
import {
  handleJob,
  sealSubmission,
  type App,
  type SourceFetchRecord,
  type SubmissionRecord,
} from "../../src/core/app/index.ts";
import { fetchSubmission } from "../../src/core/app/sources/fetch-submission.ts";
import type { AtWork } from "../intake/an-assignment.ts";
import { aModel } from "../intake/an-upload.ts";
import type { HubFiles } from "./a-hub.ts";

export const aCommit = (): string => randomBytes(20).toString("hex");
export const aRepo = (): string => `miner-${randomUUID().slice(0, 8)}/model`;

/** A model as a repository holds it: weights in LFS, the rest in git, and what every repository has. */
export function hubModel(change = 1): HubFiles {
  const { "config.json": config = Buffer.alloc(0), "model.safetensors": weights = Buffer.alloc(0) } = aModel(change);
  return {
    ".gitattributes": { bytes: Buffer.from("*.safetensors filter=lfs diff=lfs merge=lfs -text\n") },
    "config.json": { bytes: config },
    "model.safetensors": { bytes: weights, lfs: true },
  };
}

type SealInput = Parameters<typeof sealSubmission>[2];
export type SourceInput = NonNullable<SealInput["source"]>;

export const sealSource = (
  app: App,
  { miner, assignmentId }: AtWork,
  source: SourceInput,
  more: Partial<SealInput> = {},
) =>
  sealSubmission(app, miner, {
    idempotencyKey: randomUUID(),
    assignmentId,
    source,
    artifactKind: "FULL",
    final: false,
    strategy: null,
    ...more,
  });

export async function fetchNow(app: App, submissionId: string): Promise<SourceFetchRecord> {
  await fetchSubmission(app, submissionId);
  const fetch = await app.store.findOne("sourceFetches", { submissionId });
  if (fetch === null) throw new Error(`nothing is fetched for submission ${submissionId}`);
  return fetch;
}

/** Fetched and inspected, as the ringing jobs do it. */
export async function verdictOf(app: App, submissionId: string): Promise<SubmissionRecord> {
  await handleJob(app, { name: "fetch", data: { submissionId } });
  await handleJob(app, { name: "inspect", data: { submissionId } });
  const submission = await app.store.findOne("submissions", { id: submissionId });
  if (submission === null) throw new Error(`there is no submission ${submissionId}`);
  return submission;
}
