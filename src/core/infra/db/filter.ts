import type { EntityMetadata, FilterQuery } from "@mikro-orm/core";
import type { Where } from "../../app/ports.ts";
import { toStorable } from "./storable.ts";

const OPERATORS = { in: "$in", not: "$ne", lt: "$lt", lte: "$lte", gt: "$gt", gte: "$gte" } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Columns = EntityMetadata["properties"];

/** Conditions of the Store port in the ORM's words. Columns left undefined are not compared. */
export function toFilter<Row extends object>(columns: Columns, where: Where<Row>): FilterQuery<Row> {
  const filter: Record<string, unknown> = {};
  for (const [column, condition] of Object.entries(where)) {
    if (condition === undefined) continue;
    const [operator, value] = isOperator(condition) ? operatorOf(condition) : ["$eq", toStorable(condition)];
    // A text that is no uuid equals none, instead of making the database refuse the whole question.
    const isUuid = columns[column]?.columnTypes[0] === "uuid";
    filter[column] = isUuid ? uuidCondition(operator, value) : { [operator]: value };
  }
  return filter as FilterQuery<Row>; // Built from the row's own columns.
}

function isOperator(condition: unknown): condition is Record<string, unknown> {
  if (typeof condition !== "object" || condition === null || condition instanceof Date) return false;
  const keys = Object.keys(condition);
  return keys.length === 1 && keys.every((key) => key in OPERATORS);
}

function operatorOf(condition: Record<string, unknown>): [string, unknown] {
  for (const [name, operator] of Object.entries(OPERATORS)) {
    if (name in condition) return [operator, toStorable(condition[name])];
  }
  throw new Error("A condition without an operator.");
}

function uuidCondition(operator: string, value: unknown): unknown {
  const isSound = (candidate: unknown): boolean =>
    candidate === null || (typeof candidate === "string" && UUID.test(candidate));
  if (Array.isArray(value)) return { [operator]: value.filter(isSound) };
  if (isSound(value)) return { [operator]: value };
  return operator === "$ne" ? {} : { $in: [] };
}
