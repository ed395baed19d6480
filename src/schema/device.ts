import { Ctx, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { DeviceView, TaskRecord } from "../core/app/index.ts";
import { connectionOf } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { graphqlEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";
import { Task } from "./task.ts";

const DeviceKindEnum = graphqlEnum("DeviceKind", ["CPU", "GPU"], "What evaluations run on.");

@ObjectType("Device", { description: "What a worker has to evaluate on, one task at a time." })
export class Device {
  @Field(() => ID, { description: "A GPU's own, or the name of a worker's CPU slot." })
  readonly uuid!: string;

  @Field(() => String, { description: "The process that has it." })
  readonly worker!: string;

  @Field(() => String)
  readonly model!: string;

  @Field(() => Int, { nullable: true, description: "Null for a CPU." })
  readonly memoryMiB!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Null while it is free." })
  readonly leasedUntil!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When an evaluation last failed on it by no model's fault.",
  })
  readonly failedAt!: Date | null;

  @Field(() => DateTimeScalar, { description: "The worker's last sign of life." })
  readonly seenAt!: Date;
}

export const DeviceConnection = connectionOf("Device", () => Device);

@Resolver(() => Device)
export class DeviceResolver {
  @FieldResolver(() => DeviceKindEnum)
  kind(@Root() { kind }: DeviceView): string {
    return kind.toUpperCase();
  }

  @FieldResolver(() => Task, { nullable: true, description: "What it works on now." })
  task(@Root() { taskId }: DeviceView, @Ctx() { loaders }: ApiContext): Promise<TaskRecord | null> | null {
    return taskId === null ? null : loaders.task.load(taskId);
  }
}
