import { defineEntity } from "@mikro-orm/core";
import type { TaskFailure, TaskRecord } from "../../../app/records.ts";
import type { DatasetSplit, TaskOrigin } from "../../../domain/index.ts";
import type { JsonObject } from "../../../contract/index.ts";
import type { TaskStatus } from "../../../domain/index.ts";
import { bigCount, count, json, moment, real, text, uuid, word } from "../columns.ts";

export const tasks = defineEntity({
  name: "Task",
  tableName: "tasks",
  properties: {
    id: uuid().primary(),
    kind: text(),
    origin: word<TaskOrigin>(),
    status: word<TaskStatus>(),
    version: count(),
    customerId: uuid().strictNullable(),
    title: text(),
    spec: json<JsonObject>(),
    specVersion: count(),
    baseRepo: text(),
    baseRevision: text(),
    parameterCount: bigCount(),
    datasetSource: json<JsonObject>(),
    datasetRows: count().strictNullable(),
    duplicatesRemoved: count().strictNullable(),
    synthMethod: text().strictNullable(),
    secretCommitment: text(),
    initialBudgetSeconds: real(),
    grantedBudgetSeconds: real(),
    minerTarget: count().strictNullable(),
    delays: count(),
    deadline: moment().strictNullable(),
    dueAt: moment().strictNullable(),
    failure: json<TaskFailure>().strictNullable(),
    blocked: json<NonNullable<TaskRecord["blocked"]>>().strictNullable(),
    infrastructureFailures: count(),
    taskWeight: real().strictNullable(),
    createdAt: moment(),
    trainingStartedAt: moment().strictNullable(),
    scoredAt: moment().strictNullable(),
  },
});

export const taskEvents = defineEntity({
  name: "TaskEvent",
  tableName: "task_events",
  properties: {
    sequence: bigCount().primary().autoincrement(),
    taskId: uuid(),
    type: text(),
    fromStatus: word<TaskStatus>().strictNullable(),
    toStatus: word<TaskStatus>().strictNullable(),
    actor: text(),
    data: json<JsonObject>(),
    at: moment(),
  },
});

export const datasetSplits = defineEntity({
  name: "DatasetSplit",
  tableName: "dataset_splits",
  properties: {
    taskId: uuid().primary(),
    split: word<DatasetSplit>().primary(),
    rows: count(),
    sha256: text(),
    bytes: bigCount(),
    sourceRows: json<readonly number[]>(),
    commitment: text(),
    nonce: text(),
  },
});

export const notices = defineEntity({
  name: "Notice",
  tableName: "notices",
  properties: {
    id: uuid().primary(),
    taskId: uuid().strictNullable(),
    code: text(),
    message: text(),
    createdAt: moment(),
  },
});
