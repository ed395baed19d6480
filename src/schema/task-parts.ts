import { Field, Float, Int, ObjectType } from "type-graphql";
import { DatasetSplitNameEnum, TaskStatusEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("BaseModel", { simpleResolvers: true, description: "A pinned base model." })
export class BaseModel {
  @Field(() => String)
  readonly repo!: string;

  @Field(() => String, { description: "Full commit, 40 hex digits." })
  readonly revision!: string;

  @Field(() => Float, { description: "Tied tensors counted once." })
  readonly parameterCount!: number;

  @Field(() => Int, { nullable: true, description: "Longest input in tokens, where the server still has the model." })
  readonly contextLength!: number | null;
}

@ObjectType("TaskFailure", { simpleResolvers: true, description: "Why a task ended without scores." })
export class TaskFailure {
  @Field(() => String)
  readonly code!: string;

  @Field(() => String, { description: "In general words for others than the task's owner and the operator." })
  readonly message!: string;

  @Field(() => TaskStatusEnum, { description: "The state in which it happened." })
  readonly stage!: string;

  @Field(() => String, { nullable: true, description: "For the task's owner and the operator." })
  readonly logTail!: string | null;
}

@ObjectType("TaskBlocked", { simpleResolvers: true, description: "Why a task waits for the operator." })
export class TaskBlocked {
  @Field(() => String)
  readonly code!: string;

  @Field(() => String, { description: "The cause in words for the task's owner and the operator." })
  readonly message!: string;

  @Field(() => DateTimeScalar)
  readonly since!: string;
}

@ObjectType("Baseline", { simpleResolvers: true, description: "The losses of the base model itself." })
export class Baseline {
  @Field(() => Float)
  readonly testLoss!: number;

  @Field(() => Float, { nullable: true })
  readonly synthLoss!: number | null;

  @Field(() => Float)
  readonly weightedLoss!: number;
}

@ObjectType("DatasetSplit", { simpleResolvers: true, description: "One published part of a task's data." })
export class DatasetSplit {
  @Field(() => DatasetSplitNameEnum)
  readonly split!: string;

  @Field(() => Int)
  readonly rows!: number;

  @Field(() => Float)
  readonly bytes!: number;

  @Field(() => String, {
    description:
      "Published before any miner starts: sha256 of the text that nonce and sha256 make, one after the other, in hex digits.",
  })
  readonly commitment!: string;

  @Field(() => String, { nullable: true, description: "TEST, SYNTH: after SCORED. TRAIN: for who may read it." })
  readonly sha256!: string | null;

  @Field(() => String, { nullable: true, description: "Opens the commitment after SCORED." })
  readonly nonce!: string | null;

  @Field(() => String, { nullable: true, description: "A signed address that expires, for who may read the rows." })
  readonly url!: string | null;
}

@ObjectType("ArtifactFile", { simpleResolvers: true, description: "One file of a submitted model." })
export class ArtifactFile {
  @Field(() => String)
  readonly path!: string;

  @Field(() => Float)
  readonly bytes!: number;

  @Field(() => String)
  readonly sha256!: string;

  @Field(() => String, { nullable: true, description: "A signed address that expires, for who may download it." })
  readonly url!: string | null;
}
