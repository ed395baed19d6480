import { defineEntity } from "@mikro-orm/core";
import type { AccountRecord } from "../../../app/records.ts";
import type { JsonObject } from "../../../contract/index.ts";
import { json, moment, text, uuid, word } from "../columns.ts";

export const accounts = defineEntity({
  name: "Account",
  tableName: "accounts",
  properties: {
    id: uuid().primary(),
    kind: word<AccountRecord["kind"]>(),
    name: text(),
    createdAt: moment(),
  },
});

export const apiKeys = defineEntity({
  name: "ApiKey",
  tableName: "api_keys",
  properties: {
    id: uuid().primary(),
    accountId: uuid(),
    label: text(),
    prefix: text(),
    hash: text(),
    scopes: json<readonly string[]>(),
    createdAt: moment(),
    revokedAt: moment().strictNullable(),
  },
});

export const challenges = defineEntity({
  name: "Challenge",
  tableName: "challenges",
  properties: {
    id: uuid().primary(),
    hotkey: text(),
    message: text(),
    expiresAt: moment(),
    usedAt: moment().strictNullable(),
  },
});

export const idempotencyKeys = defineEntity({
  name: "IdempotencyKey",
  tableName: "idempotency_keys",
  properties: {
    principal: text().primary(),
    mutation: text().primary(),
    key: text().primary(),
    bodyDigest: text(),
    result: json<JsonObject>(),
    createdAt: moment(),
  },
});

export const auditLog = defineEntity({
  name: "AuditEntry",
  tableName: "audit_log",
  properties: {
    id: uuid().primary(),
    actor: text(),
    action: text(),
    data: json<JsonObject>(),
    at: moment(),
  },
});
