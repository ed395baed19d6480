import { defineEntity } from "@mikro-orm/core";
import type { WeightEntry } from "../../../app/records.ts";
import type { Json, JsonObject } from "../../../contract/index.ts";
import type { Verdict } from "../../../domain/index.ts";
import { bigCount, count, flag, json, moment, real, text, uuid, word } from "../columns.ts";

export const scores = defineEntity({
  name: "Score",
  tableName: "scores",
  properties: {
    taskId: uuid().primary(),
    minerId: uuid().primary(),
    submissionId: uuid().strictNullable(),
    rank: count().strictNullable(),
    taskScore: real(),
    taskWeight: real(),
    adjustedScore: real(),
    reason: text(),
    explanation: text(),
    scoredAt: moment(),
  },
});

export const weightSets = defineEntity({
  name: "WeightSet",
  tableName: "weight_sets",
  properties: {
    id: uuid().primary(),
    sequence: bigCount().autoincrement(),
    inputs: json<Json>(),
    policy: text(),
    entries: json<readonly WeightEntry[]>(),
    empty: flag(),
    digest: text(),
    createdAt: moment(),
  },
});

export const windowFindings = defineEntity({
  name: "WindowFinding",
  tableName: "window_findings",
  properties: {
    id: uuid().primary(),
    weightSetId: uuid(),
    minerId: uuid(),
    submissionId: uuid(),
    rule: text(),
    verdict: word<Verdict>(),
    code: text(),
    evidence: json<JsonObject>(),
    leftOut: flag(),
    createdAt: moment(),
  },
});

export const ledger = defineEntity({
  name: "LedgerRow",
  tableName: "ledger",
  properties: {
    sequence: bigCount().primary(),
    weightSetId: uuid(),
    digest: text(),
    prevDigest: text(),
    createdAt: moment(),
  },
});
