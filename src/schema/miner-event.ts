import { Field, Float, ID, Int, InterfaceType, ObjectType } from "type-graphql";
import { ArtifactKindEnum, OfferStatusEnum } from "./enums.ts";
import { DateTimeScalar, JsonScalar } from "./scalars.ts";
import { StaticVerdict } from "./submission.ts";
import { BaseModel } from "./task-parts.ts";

/** What a miner is told over its socket: durable, in order, at least once. */
@InterfaceType("MinerEvent", {
  autoRegisterImplementations: false,
  description: "What a miner is told. Delivered at least once: forget those whose id was seen.",
  resolveType: (event: { readonly type: string }) => event.type,
})
export abstract class MinerEvent {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { description: "Opaque: hand it to `minerEvents(after)` to go on behind this event." })
  readonly cursor!: string;

  @Field(() => DateTimeScalar)
  readonly at!: Date;
}

@ObjectType("TaskFile", { simpleResolvers: true, description: "One file of the data to train on." })
export class TaskFile {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly path!: string;

  @Field(() => Float)
  readonly bytes!: number;

  @Field(() => String)
  readonly sha256!: string;

  @Field(() => String, { description: "A signed address that expires; made anew each time the event is delivered." })
  readonly url!: string;
}

@ObjectType("OfferMade", { implements: MinerEvent, simpleResolvers: true })
export class OfferMade extends MinerEvent {
  @Field(() => ID)
  readonly offerId!: string;

  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => BaseModel)
  readonly baseModel!: BaseModel;

  @Field(() => Int)
  readonly budgetSeconds!: number;

  @Field(() => Int)
  readonly delays!: number;

  @Field(() => Int)
  readonly datasetRows!: number;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: string;
}

@ObjectType("OfferClosed", { implements: MinerEvent, simpleResolvers: true })
export class OfferClosed extends MinerEvent {
  @Field(() => ID)
  readonly offerId!: string;

  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => OfferStatusEnum)
  readonly status!: string;
}

@ObjectType("Assigned", { implements: MinerEvent, simpleResolvers: true, description: "The full task: train now." })
export class Assigned extends MinerEvent {
  @Field(() => ID)
  readonly assignmentId!: string;

  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => BaseModel)
  readonly baseModel!: BaseModel;

  @Field(() => [TaskFile])
  readonly files!: readonly TaskFile[];

  @Field(() => JsonScalar, {
    nullable: true,
    description: "How rows are rendered, where the type says more than the file.",
  })
  readonly rendering!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Roles and columns of the rows." })
  readonly columns!: unknown;

  @Field(() => [ArtifactKindEnum])
  readonly artifactKinds!: readonly string[];

  @Field(() => DateTimeScalar)
  readonly deadline!: string;

  @Field(() => Int, { description: "How many uploads may be sealed." })
  readonly submissionSlots!: number;

  @Field(() => JsonScalar, { nullable: true, description: "What the evaluator computes." })
  readonly objective!: unknown;
}

@ObjectType("DeadlineChanged", { implements: MinerEvent, simpleResolvers: true })
export class DeadlineChanged extends MinerEvent {
  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => ID)
  readonly assignmentId!: string;

  @Field(() => DateTimeScalar)
  readonly deadline!: string;

  @Field(() => String)
  readonly reason!: string;
}

@ObjectType("TaskCancelled", { implements: MinerEvent, simpleResolvers: true })
export class TaskCancelled extends MinerEvent {
  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => ID)
  readonly assignmentId!: string;
}

@ObjectType("SubmissionSealed", { implements: MinerEvent, simpleResolvers: true })
export class SubmissionSealed extends MinerEvent {
  @Field(() => ID)
  readonly submissionId!: string;

  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => ID)
  readonly assignmentId!: string;

  @Field(() => Int)
  readonly ordinal!: number;

  @Field(() => StaticVerdict)
  readonly staticVerdict!: StaticVerdict;
}

@ObjectType("TaskScored", { implements: MinerEvent, simpleResolvers: true })
export class TaskScored extends MinerEvent {
  @Field(() => ID)
  readonly taskId!: string;

  @Field(() => Int, { nullable: true })
  readonly rank!: number | null;

  @Field(() => Float)
  readonly score!: number;

  @Field(() => Float, { nullable: true })
  readonly testLoss!: number | null;

  @Field(() => Float, { nullable: true })
  readonly synthLoss!: number | null;

  @Field(() => Float, { nullable: true })
  readonly weightedLoss!: number | null;

  @Field(() => Float, { nullable: true, description: "The winner's weighted loss." })
  readonly winningLoss!: number | null;

  @Field(() => String)
  readonly reason!: string;

  @Field(() => String)
  readonly explanation!: string;
}

@ObjectType("WeightSetPublished", { implements: MinerEvent, simpleResolvers: true })
export class WeightSetPublished extends MinerEvent {
  @Field(() => ID)
  readonly weightSetId!: string;

  @Field(() => String)
  readonly digest!: string;

  @Field(() => Float, { description: "This miner's weight, a fraction." })
  readonly weight!: number;
}

@ObjectType("Notice", { implements: MinerEvent, simpleResolvers: true, description: "Words for one miner." })
export class Notice extends MinerEvent {
  @Field(() => String)
  readonly code!: string;

  @Field(() => String)
  readonly message!: string;
}

/** All implementations of MinerEvent, for `orphanedTypes`. */
export const MINER_EVENT_TYPES = [
  OfferMade,
  OfferClosed,
  Assigned,
  DeadlineChanged,
  TaskCancelled,
  SubmissionSealed,
  TaskScored,
  WeightSetPublished,
  Notice,
] as const;
