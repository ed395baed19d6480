import { defineEntity } from "@mikro-orm/core";
import type { AssignmentStatus, MinerRecord, OfferStatus } from "../../../app/records.ts";
import type { JsonObject } from "../../../contract/index.ts";
import { bigCount, count, json, moment, text, uuid, word } from "../columns.ts";

export const miners = defineEntity({
  name: "Miner",
  tableName: "miners",
  properties: {
    id: uuid().primary(),
    hotkey: text(),
    name: text(),
    status: word<MinerRecord["status"]>(),
    taskTypes: json<readonly string[]>(),
    maxParameterCount: bigCount(),
    slots: count(),
    lastHeartbeatAt: moment().strictNullable(),
    eventSequence: bigCount(),
    createdAt: moment(),
  },
});

export const minerEvents = defineEntity({
  name: "MinerEvent",
  tableName: "miner_events",
  properties: {
    minerId: uuid().primary(),
    sequence: bigCount().primary(),
    id: uuid(),
    type: text(),
    taskId: uuid().strictNullable(),
    payload: json<JsonObject>(),
    at: moment(),
  },
});

export const offers = defineEntity({
  name: "Offer",
  tableName: "offers",
  properties: {
    id: uuid().primary(),
    taskId: uuid(),
    minerId: uuid(),
    round: count(),
    wave: count(),
    status: word<OfferStatus>(),
    expiresAt: moment(),
    answeredAt: moment().strictNullable(),
    createdAt: moment(),
  },
});

export const assignments = defineEntity({
  name: "Assignment",
  tableName: "assignments",
  properties: {
    id: uuid().primary(),
    taskId: uuid(),
    minerId: uuid(),
    offerId: uuid(),
    status: word<AssignmentStatus>(),
    acceptedAt: moment(),
    endedAt: moment().strictNullable(),
    progress: json<JsonObject>().strictNullable(),
    failureMessage: text().strictNullable(),
  },
});
