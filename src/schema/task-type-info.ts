import { Field, Float, Int, ObjectType } from "type-graphql";
import { ArtifactKindEnum } from "./enums.ts";
import { JsonScalar } from "./scalars.ts";

@ObjectType("MetricInfo", { simpleResolvers: true })
export class MetricInfo {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: "lower or higher: which is better." })
  readonly direction!: string;

  @Field(() => String)
  readonly unit!: string;

  @Field(() => String)
  readonly description!: string;
}

@ObjectType("PluginInfo", { simpleResolvers: true, description: "What a task type comes from." })
export class PluginInfo {
  @Field(() => String, { description: "By convention the name of its package." })
  readonly name!: string;

  @Field(() => String)
  readonly version!: string;

  @Field(() => Boolean, { description: "It ships with the server." })
  readonly builtin!: boolean;
}

@ObjectType("TaskTypeInfo", { simpleResolvers: true, description: "A kind of task that this server offers." })
export class TaskTypeInfo {
  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => String, { description: "The GraphQL object type; `create<name>` makes one." })
  readonly graphqlName!: string;

  @Field(() => Float, { description: "Share of the tasks that fill in, over all types it sums to 1." })
  readonly share!: number;

  @Field(() => Int)
  readonly poolMin!: number;

  @Field(() => Int)
  readonly poolMax!: number;

  @Field(() => [ArtifactKindEnum])
  readonly artifactKinds!: readonly string[];

  @Field(() => Float, { description: "Losses closer than this are the same." })
  readonly tolerance!: number;

  @Field(() => JsonScalar, { description: "JSON schema of the spec." })
  readonly specSchema!: unknown;

  @Field(() => [MetricInfo])
  readonly metrics!: readonly MetricInfo[];

  @Field(() => PluginInfo)
  readonly plugin!: PluginInfo;
}
