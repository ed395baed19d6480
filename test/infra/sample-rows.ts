import { randomUUID } from "node:crypto";
import type { AssignmentRecord, MinerRecord, OfferRecord, TaskRecord } from "../../src/core/app/records.ts";

const CREATED = new Date("2026-03-01T12:00:00.000Z");

export const aMiner = (given: Partial<MinerRecord> = {}): MinerRecord => {
  const id = randomUUID();
  return {
    id,
    hotkey: `hotkey-${id}`,
    name: "a miner",
    status: "ACTIVE",
    taskTypes: ["any"],
    maxParameterCount: 70_000_000_000,
    slots: 1,
    lastHeartbeatAt: null,
    eventSequence: 0,
    createdAt: CREATED,
    ...given,
  };
};

export const aTask = (given: Partial<TaskRecord> = {}): TaskRecord => ({
  id: randomUUID(),
  kind: "any",
  origin: "ORGANIC",
  status: "QUEUED",
  version: 0,
  customerId: null,
  title: "a task",
  spec: { rows: 3 },
  specVersion: 1,
  baseRepo: "owner/base",
  baseRevision: "0".repeat(40),
  parameterCount: 500_000,
  datasetSource: {},
  datasetRows: null,
  duplicatesRemoved: null,
  synthMethod: null,
  secretCommitment: "",
  initialBudgetSeconds: 60,
  grantedBudgetSeconds: 60,
  minerTarget: null,
  delays: 0,
  deadline: null,
  dueAt: null,
  failure: null,
  blocked: null,
  infrastructureFailures: 0,
  taskWeight: null,
  createdAt: CREATED,
  trainingStartedAt: null,
  scoredAt: null,
  ...given,
});

export const anOffer = (task: TaskRecord, miner: MinerRecord, given: Partial<OfferRecord> = {}): OfferRecord => ({
  id: randomUUID(),
  taskId: task.id,
  minerId: miner.id,
  round: 0,
  wave: 0,
  status: "ACCEPTED",
  expiresAt: CREATED,
  answeredAt: CREATED,
  createdAt: CREATED,
  ...given,
});

export const anAssignment = (offer: OfferRecord, given: Partial<AssignmentRecord> = {}): AssignmentRecord => ({
  id: randomUUID(),
  taskId: offer.taskId,
  minerId: offer.minerId,
  offerId: offer.id,
  status: "ACCEPTED",
  acceptedAt: CREATED,
  endedAt: null,
  progress: null,
  failureMessage: null,
  ...given,
});
