import { defineEntity } from "@mikro-orm/core";
import type {
  EvaluationStatus,
  ModelSource,
  SourceFetchRecord,
  SourceName,
  StaticVerdict,
  UploadFile,
  UploadRecord,
} from "../../../app/records.ts";
import type { ArtifactKind, JsonObject, Losses, StaticFacts } from "../../../contract/index.ts";
import type { Verdict } from "../../../domain/index.ts";
import { bigCount, count, flag, json, moment, real, text, uuid, word } from "../columns.ts";

export const uploads = defineEntity({
  name: "Upload",
  tableName: "uploads",
  properties: {
    id: uuid().primary(),
    assignmentId: uuid(),
    minerId: uuid(),
    files: json<readonly UploadFile[]>(),
    status: word<UploadRecord["status"]>(),
    expiresAt: moment(),
    createdAt: moment(),
  },
});

export const submissions = defineEntity({
  name: "Submission",
  tableName: "submissions",
  properties: {
    id: uuid().primary(),
    taskId: uuid(),
    assignmentId: uuid(),
    minerId: uuid(),
    uploadId: uuid().strictNullable(),
    source: json<SourceName>().strictNullable(),
    ordinal: count(),
    final: flag(),
    artifactKind: word<ArtifactKind>(),
    files: json<readonly UploadFile[]>(),
    strategy: text().strictNullable(),
    sealedAt: moment(),
    sealSequence: bigCount().autoincrement(),
    staticVerdict: json<StaticVerdict>(),
    facts: json<StaticFacts>().strictNullable(),
  },
});

export const sourceFetches = defineEntity({
  name: "SourceFetch",
  tableName: "source_fetches",
  properties: {
    submissionId: uuid().primary(),
    taskId: uuid(),
    source: json<ModelSource>(),
    status: word<SourceFetchRecord["status"]>(),
    files: json<readonly UploadFile[]>().strictNullable(),
    stored: json<readonly string[]>(),
    attempts: count(),
    problem: json<NonNullable<SourceFetchRecord["problem"]>>().strictNullable(),
    dueAt: moment(),
    createdAt: moment(),
  },
});

export const evaluations = defineEntity({
  name: "Evaluation",
  tableName: "evaluations",
  properties: {
    id: uuid().primary(),
    taskId: uuid(),
    submissionId: uuid().strictNullable(),
    attempt: count(),
    status: word<EvaluationStatus>(),
    losses: json<Losses>().strictNullable(),
    weightedLoss: real().strictNullable(),
    code: text().strictNullable(),
    message: text().strictNullable(),
    logTail: text().strictNullable(),
    record: json<JsonObject>(),
    durationMs: real(),
    createdAt: moment(),
  },
});

export const findings = defineEntity({
  name: "Finding",
  tableName: "findings",
  properties: {
    id: uuid().primary(),
    taskId: uuid(),
    submissionId: uuid(),
    rule: text(),
    verdict: word<Verdict>(),
    code: text(),
    evidence: json<JsonObject>(),
    createdAt: moment(),
  },
});
