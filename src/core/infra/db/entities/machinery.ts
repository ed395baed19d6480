import { defineEntity } from "@mikro-orm/core";
import type { DeviceRecord, OutboxKind } from "../../../app/records.ts";
import type { JsonObject } from "../../../contract/index.ts";
import { bigCount, count, json, moment, text, uuid, word } from "../columns.ts";

export const leases = defineEntity({
  name: "Lease",
  tableName: "leases",
  properties: {
    resource: text().primary(),
    holder: text(),
    token: bigCount(),
    heartbeatAt: moment(),
  },
});

export const devices = defineEntity({
  name: "Device",
  tableName: "devices",
  properties: {
    uuid: text().primary(),
    worker: text(),
    kind: word<DeviceRecord["kind"]>(),
    model: text(),
    memoryMiB: count().fieldName("memory_mib").strictNullable(),
    taskId: uuid().strictNullable(),
    failedTaskId: uuid().strictNullable(),
    failedAt: moment().strictNullable(),
    seenAt: moment(),
  },
});

export const outbox = defineEntity({
  name: "OutboxRow",
  tableName: "outbox",
  properties: {
    sequence: bigCount().primary().autoincrement(),
    kind: word<OutboxKind>(),
    topic: text(),
    payload: json<JsonObject>(),
    createdAt: moment(),
  },
});

export const serverHeartbeats = defineEntity({
  name: "ServerHeartbeat",
  tableName: "server_heartbeats",
  properties: {
    id: count().primary(),
    at: moment(),
  },
});
