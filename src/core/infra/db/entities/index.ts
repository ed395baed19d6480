import type { EntityName, InferEntity } from "@mikro-orm/core";
import type { Tables } from "../../../app/records.ts";
import { accounts, apiKeys, auditLog, challenges, idempotencyKeys } from "./accounts.ts";
import { devices, leases, outbox, serverHeartbeats } from "./machinery.ts";
import { assignments, minerEvents, miners, offers } from "./miners.ts";
import { ledger, scores, weightSets, windowFindings } from "./scores.ts";
import { evaluations, findings, sourceFetches, submissions, uploads } from "./submissions.ts";
import { datasetSplits, notices, taskEvents, tasks } from "./tasks.ts";

/** Table name -> entity. */
export const entities = {
  accounts,
  apiKeys,
  miners,
  challenges,
  idempotencyKeys,
  tasks,
  datasetSplits,
  offers,
  assignments,
  uploads,
  submissions,
  sourceFetches,
  evaluations,
  findings,
  scores,
  weightSets,
  windowFindings,
  leases,
  devices,
  taskEvents,
  outbox,
  minerEvents,
  notices,
  auditLog,
  serverHeartbeats,
  ledger,
} as const;

type Row<T extends keyof Tables> = Pick<
  InferEntity<(typeof entities)[T]>,
  keyof InferEntity<(typeof entities)[T]> & keyof Tables[T]
>;
type OutOfStep = { readonly [T in keyof Tables]: Row<T> extends Tables[T] ? never : T }[keyof Tables];

// Does not compile, and names the table, where an entity lacks a column of its record or has it with another type.
const inStep: [OutOfStep] extends [never] ? typeof entities : OutOfStep = entities;

/** The entity of a table, seen as the record that its rows are. */
export const entityOf = <T extends keyof Tables>(table: T): EntityName<Tables[T]> =>
  // The compiler has just compared all columns; entity types only add markers for optional ones.
  inStep[table] as unknown as EntityName<Tables[T]>;
