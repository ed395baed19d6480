import { Field, ID, InputType, Int, InterfaceType, ObjectType } from "type-graphql";
import type { ApiContext } from "./context.ts";
import { connectionOf } from "./connection.ts";
import { TaskOriginEnum, TaskStatusEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

/** The common face of all task types; each registered type implements it (task-type-factory.ts). */
@InterfaceType("Task", {
  autoRegisterImplementations: false,
  description: "A competition: a base model, a dataset, a time budget and what is measured.",
  resolveType: (task: { readonly kind: string }, context: ApiContext) =>
    context.app.registry.taskType(task.kind)?.graphqlName,
})
export abstract class Task {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => TaskOriginEnum)
  readonly origin!: string;

  @Field(() => TaskStatusEnum)
  readonly status!: string;

  @Field(() => Int, { description: "Grows with every transition." })
  readonly version!: number;

  @Field(() => Int, { description: "As asked for; each delay extends the granted budget." })
  readonly initialBudgetSeconds!: number;

  @Field(() => Int, { description: "How often recruiting found too few miners." })
  readonly delays!: number;

  @Field(() => Int, { nullable: true })
  readonly datasetRows!: number | null;

  @Field(() => Int, { nullable: true, description: "Rows that left TRAIN because a copy of them is in TEST." })
  readonly duplicatesRemoved!: number | null;

  @Field(() => String, { nullable: true, description: "How the SYNTH rows were made." })
  readonly synthMethod!: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly deadline!: Date | null;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly trainingStartedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly scoredAt!: Date | null;

  @Field(() => String, { description: "sha256 of the task's secret, published at creation." })
  readonly secretCommitment!: string;

  @Field(() => Int, { nullable: true, description: "Miners to recruit." })
  readonly minerTarget!: number | null;
}

export const TaskConnection = connectionOf("Task", () => Task);

@InputType("TaskFilter", { description: "All conditions must hold." })
export class TaskFilter {
  @Field(() => [TaskStatusEnum], { nullable: true })
  readonly status?: readonly string[];

  @Field(() => String, { nullable: true })
  readonly kind?: string;

  @Field(() => TaskOriginEnum, { nullable: true })
  readonly origin?: string;

  @Field(() => Boolean, { nullable: true, description: "A customer's own tasks; a miner's assigned ones." })
  readonly mine?: boolean;
}

@ObjectType("TaskEvent", { simpleResolvers: true, description: "A transition or a notable fact, and who caused it." })
export class TaskEvent {
  @Field(() => String)
  readonly type!: string;

  @Field(() => TaskStatusEnum, { nullable: true })
  readonly fromStatus!: string | null;

  @Field(() => TaskStatusEnum, { nullable: true })
  readonly toStatus!: string | null;

  @Field(() => String)
  readonly actor!: string;

  @Field(() => DateTimeScalar)
  readonly at!: Date;
}

export const TaskEventConnection = connectionOf("TaskEvent", () => TaskEvent);
