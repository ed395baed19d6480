import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSchema, type PubSub } from "type-graphql";
import type { AnyTaskType } from "../core/contract/index.ts";
import { ACCOUNT_MUTATIONS } from "./account-mutations.ts";
import { DeviceResolver } from "./device.ts";
import { MINER_EVENT_TYPES } from "./miner-event.ts";
import { MINER_MUTATIONS } from "./miner-mutations.ts";
import { AssignmentResolver, MinerResolver, MinerStandingResolver, OfferResolver } from "./miner-resolver.ts";
import { QueryResolver } from "./query-resolver.ts";
import { SESSION_MUTATIONS } from "./session-mutations.ts";
import {
  EvaluationResolver,
  FindingResolver,
  LeaderboardEntryResolver,
  ScoreResolver,
  SubmissionResolver,
} from "./submission-resolver.ts";
import { SubscriptionResolver } from "./subscription-resolver.ts";
import { TASK_MUTATIONS } from "./task-mutations.ts";
import { TaskEventResolver } from "./task-event-resolver.ts";
import { TaskResolver } from "./task-resolver.ts";
import { taskTypeClasses } from "./task-type-factory.ts";
import { UPLOAD_MUTATIONS } from "./upload-mutations.ts";
import { UploadResolver } from "./upload-resolver.ts";
import { ViewerResolver } from "./viewer-resolver.ts";
import { WeightSetEntryResolver, WeightSetResolver, WindowFindingResolver } from "./weight-set-resolver.ts";

const RESOLVERS = [
  QueryResolver,
  ViewerResolver,
  DeviceResolver,
  TaskResolver,
  TaskEventResolver,
  SubmissionResolver,
  EvaluationResolver,
  FindingResolver,
  ScoreResolver,
  LeaderboardEntryResolver,
  MinerResolver,
  MinerStandingResolver,
  AssignmentResolver,
  OfferResolver,
  WeightSetResolver,
  WeightSetEntryResolver,
  WindowFindingResolver,
  UploadResolver,
  SubscriptionResolver,
  ...TASK_MUTATIONS,
  ...ACCOUNT_MUTATIONS,
  ...SESSION_MUTATIONS,
  ...MINER_MUTATIONS,
  ...UPLOAD_MUTATIONS,
] as const;

/** type-graphql asks for one; every subscription here makes its own addressed iterator instead. */
const NO_PUB_SUB: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error("subscriptions of this schema bring their own iterator");
  },
};

/** The whole API for the task types that are registered; a type that is not leaves no trace in it. */
export function buildApiSchema(taskTypes: Iterable<AnyTaskType>): Promise<GraphQLSchema> {
  const types = [...taskTypes].map(taskTypeClasses);
  return buildSchema({
    resolvers: [...RESOLVERS, ...types.flatMap(({ resolvers }) => resolvers)],
    orphanedTypes: [...MINER_EVENT_TYPES, ...types.map(({ objectType }) => objectType)],
    validate: false,
    pubSub: NO_PUB_SUB,
  });
}
