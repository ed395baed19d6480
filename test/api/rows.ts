import { randomBytes, randomUUID } from "node:crypto";
import type {
  AssignmentRecord,
  DatasetSplitRecord,
  EvaluationRecord,
  FindingRecord,
  NewRow,
  OfferRecord,
  ScoreRecord,
  SubmissionRecord,
  TaskRecord,
  UploadRecord,
} from "../../src/core/app/index.ts";

/** Builders of stored rows: sound defaults, and whatever a test cares about. */

const START = new Date("2026-03-01T11:00:00.000Z");
const hex = (bytes: number): string => randomBytes(bytes).toString("hex");

export const aTask = (given: Partial<TaskRecord> = {}): TaskRecord => ({
  id: randomUUID(),
  kind: "instruct",
  origin: "ORGANIC",
  status: "TRAINING",
  version: 4,
  customerId: null,
  title: "a task",
  spec: { columns: { instruction: "question", output: "answer", input: null, system: null } },
  specVersion: 1,
  baseRepo: "demo/base",
  baseRevision: hex(20),
  parameterCount: 500_000,
  datasetSource: { kind: "inline", sha256: hex(32), bytes: 100, rows: 40 },
  datasetRows: 40,
  duplicatesRemoved: 1,
  synthMethod: "template",
  secretCommitment: hex(32),
  initialBudgetSeconds: 600,
  grantedBudgetSeconds: 600,
  minerTarget: 2,
  delays: 0,
  deadline: new Date("2026-03-01T13:00:00.000Z"),
  dueAt: null,
  failure: null,
  blocked: null,
  infrastructureFailures: 0,
  taskWeight: null,
  createdAt: START,
  trainingStartedAt: START,
  scoredAt: given.status === "SCORED" ? START : null,
  ...given,
});

export const aSplit = (
  given: Pick<DatasetSplitRecord, "taskId" | "split"> & Partial<DatasetSplitRecord>,
): DatasetSplitRecord => ({
  rows: 10,
  sha256: hex(32),
  bytes: 1_000,
  sourceRows: [1, 2, 3],
  commitment: hex(32),
  nonce: hex(16),
  ...given,
});

export const anOffer = (given: Pick<OfferRecord, "taskId" | "minerId"> & Partial<OfferRecord>): OfferRecord => ({
  id: randomUUID(),
  round: 0,
  wave: 0,
  status: "ACCEPTED",
  expiresAt: START,
  answeredAt: START,
  createdAt: START,
  ...given,
});

export const anAssignment = (
  given: Pick<AssignmentRecord, "taskId" | "minerId" | "offerId"> & Partial<AssignmentRecord>,
): AssignmentRecord => ({
  id: randomUUID(),
  status: "SEALED",
  acceptedAt: START,
  endedAt: new Date(START.getTime() + 60_000),
  progress: { phase: "train", step: 7, steps: 10, loss: 1.25, etaSeconds: 3 },
  failureMessage: null,
  ...given,
});

export const anUpload = (
  given: Pick<UploadRecord, "assignmentId" | "minerId"> & Partial<UploadRecord>,
): UploadRecord => ({
  id: randomUUID(),
  files: [{ path: "model.safetensors", bytes: 10, sha256: hex(32) }],
  status: "SEALED",
  expiresAt: START,
  createdAt: START,
  ...given,
});

export const aSubmission = (
  given: Pick<SubmissionRecord, "taskId" | "assignmentId" | "minerId" | "uploadId"> & Partial<SubmissionRecord>,
): NewRow<SubmissionRecord> => ({
  id: randomUUID(),
  source: null,
  ordinal: 1,
  final: true,
  artifactKind: "FULL",
  files: [{ path: "model.safetensors", bytes: 10, sha256: hex(32) }],
  strategy: "full, 10 steps",
  sealedAt: START,
  staticVerdict: { status: "VALID", code: null, message: null },
  facts: {
    digest: hex(32),
    equalsBase: false,
    namedBase: null,
    wrongBase: false,
    wrongArchitecture: false,
  },
  ...given,
});

export const anEvaluation = (
  testLoss: number,
  given: Pick<EvaluationRecord, "taskId" | "submissionId"> & Partial<EvaluationRecord>,
): EvaluationRecord => ({
  id: randomUUID(),
  attempt: 1,
  status: "COMPLETED",
  losses: {
    testLoss,
    synthLoss: testLoss + 0.1,
    components: { testLoss, synthLoss: testLoss + 0.1 },
    rowLosses: { test: [testLoss, testLoss], synth: [testLoss + 0.1] },
    metrics: { testTokenLoss: testLoss },
  },
  weightedLoss: testLoss + 0.03,
  code: null,
  message: null,
  logTail: null,
  record: { runner: "local" },
  durationMs: 12.5,
  createdAt: START,
  ...given,
});

export const aFinding = (
  given: Pick<FindingRecord, "taskId" | "submissionId"> & Partial<FindingRecord>,
): FindingRecord => ({
  id: randomUUID(),
  rule: "duplicate-losses",
  verdict: "DISQUALIFY",
  code: "DUPLICATE",
  evidence: { distance: 0 },
  createdAt: START,
  ...given,
});

export const aScore = (
  given: Pick<ScoreRecord, "taskId" | "minerId" | "submissionId"> & Partial<ScoreRecord>,
): ScoreRecord => ({
  rank: 1,
  taskScore: 3,
  taskWeight: 1,
  adjustedScore: 3,
  reason: "WINNER",
  explanation: "the lowest loss",
  scoredAt: START,
  ...given,
});
