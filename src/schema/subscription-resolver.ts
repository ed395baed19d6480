import { Arg, Field, ID, ObjectType, Resolver, Root, Subscription } from "type-graphql";
import type { TaskRecord, WeightSetRecord } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { MinerEvent } from "./miner-event.ts";
import { DateTimeScalar } from "./scalars.ts";
import { leaderboardUpdates } from "./leaderboard-updates.ts";
import { minerEvents, type ServedMinerEvent } from "./miner-events.ts";
import { taskUpdates, type TaskUpdateView } from "./task-updates.ts";
import { Task } from "./task.ts";
import { WeightSet } from "./weight-set.ts";

@ObjectType("TaskUpdate", { simpleResolvers: true, description: "A task as it is at that moment." })
export class TaskUpdate {
  @Field(() => Task)
  readonly task!: TaskRecord;

  @Field(() => DateTimeScalar)
  readonly at!: Date;
}

interface Asked<Args> {
  readonly args: Args;
  readonly context: ApiContext;
}

/** Addressed by topic and never filtered: what an event costs depends on who gets it, not on who listens. */
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => TaskUpdate, {
    description: "The task as it is, at once and after each change that you may see.",
    subscribe: ({ args, context }: Asked<{ readonly id: string }>) => taskUpdates(context, args.id),
  })
  taskUpdated(@Root() update: TaskUpdateView, @Arg("id", () => ID) _id: string): TaskUpdateView {
    return update;
  }

  @Subscription(() => MinerEvent, {
    description: "The token's miner: everything since `after`, then what comes, in order and without gaps.",
    subscribe: ({ args, context }: Asked<{ readonly after?: string | null }>) =>
      minerEvents(context, args.after ?? null),
  })
  minerEvents(
    @Root() event: ServedMinerEvent,
    @Arg("after", () => String, { nullable: true, description: "The `cursor` of the last event seen." })
    _after?: string,
  ): ServedMinerEvent {
    return event;
  }

  @Subscription(() => WeightSet, {
    description: "Each new weight set.",
    subscribe: ({ context }: Asked<unknown>) => leaderboardUpdates(context),
  })
  leaderboardUpdated(@Root() set: WeightSetRecord): WeightSetRecord {
    return set;
  }
}
