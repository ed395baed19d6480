import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import {
  ArtifactKindEnum,
  EvaluationStatusEnum,
  SourceKindEnum,
  StaticVerdictStatusEnum,
  VerdictEnum,
} from "./enums.ts";
import { DateTimeScalar, JsonScalar } from "./scalars.ts";

@ObjectType("StaticVerdict", { simpleResolvers: true, description: "What intake found without running the model." })
export class StaticVerdict {
  @Field(() => StaticVerdictStatusEnum)
  readonly status!: string;

  @Field(() => String, { nullable: true })
  readonly code!: string | null;

  @Field(() => String, { nullable: true })
  readonly message!: string | null;
}

@ObjectType("Evaluation", { simpleResolvers: true, description: "One attempt to evaluate one submission." })
export class Evaluation {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => Int)
  readonly attempt!: number;

  @Field(() => EvaluationStatusEnum)
  readonly status!: string;

  @Field(() => Float, { nullable: true })
  readonly weightedLoss!: number | null;

  @Field(() => String, { nullable: true })
  readonly code!: string | null;

  @Field(() => String, { nullable: true })
  readonly message!: string | null;

  @Field(() => JsonScalar, {
    description: "Runner, device, library versions, seeds, digests: what it takes to repeat it.",
  })
  readonly record!: unknown;

  @Field(() => Float)
  readonly durationMs!: number;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;
}

@ObjectType("Attachment", { simpleResolvers: true, description: "A file that shows something of an evaluated model." })
export class AttachmentFile {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly mediaType!: string;

  @Field(() => Int)
  readonly bytes!: number;

  @Field(() => String, {
    nullable: true,
    description: "A link for an hour. Null for those who may not read TEST rows: they may be in it.",
  })
  readonly url!: string | null;
}

@ObjectType("Finding", { simpleResolvers: true, description: "What an anti-gaming rule found about a submission." })
export class Finding {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly rule!: string;

  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => String)
  readonly code!: string;

  @Field(() => JsonScalar)
  readonly evidence!: unknown;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;
}

@ObjectType("Score", { simpleResolvers: true, description: "What a miner got for a task." })
export class Score {
  @Field(() => Int, { nullable: true, description: "1 is best; null without a rank." })
  readonly rank!: number | null;

  @Field(() => Float)
  readonly taskScore!: number;

  @Field(() => Float)
  readonly taskWeight!: number;

  @Field(() => Float, { description: "taskScore times taskWeight." })
  readonly adjustedScore!: number;

  @Field(() => String, {
    description: "WINNER, WINNER_NOT_ABOVE_BASE, MIDFIELD, BOTTOM_QUARTER, DISQUALIFIED, FLAGGED or INVALID.",
  })
  readonly reason!: string;

  @Field(() => String)
  readonly explanation!: string;

  @Field(() => DateTimeScalar)
  readonly scoredAt!: Date;
}

@ObjectType("SubmissionSource", { simpleResolvers: true, description: "Where a model was fetched from." })
export class SubmissionSource {
  @Field(() => SourceKindEnum)
  readonly kind!: string;

  @Field(() => String, { nullable: true })
  readonly repo?: string;

  @Field(() => String, { nullable: true })
  readonly commit?: string;
}

@ObjectType("Submission", { simpleResolvers: true, description: "A sealed model. Private until its task is SCORED." })
export class Submission {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => Int, { description: "1 to 5; the last one of an assignment counts." })
  readonly ordinal!: number;

  @Field(() => Boolean)
  readonly final!: boolean;

  @Field(() => ArtifactKindEnum)
  readonly artifactKind!: string;

  @Field(() => DateTimeScalar)
  readonly sealedAt!: Date;

  @Field(() => String, { nullable: true, description: "A label of the miner's own." })
  readonly strategy!: string | null;

  @Field(() => SubmissionSource, { nullable: true, description: "Null where it was uploaded." })
  readonly source!: SubmissionSource | null;

  @Field(() => StaticVerdict)
  readonly staticVerdict!: StaticVerdict;
}

export const SubmissionConnection = connectionOf("Submission", () => Submission);

@ObjectType("LeaderboardEntry", { simpleResolvers: true, description: "One miner's result in a task." })
export class LeaderboardEntry {
  @Field(() => Int, { nullable: true })
  readonly rank!: number | null;

  @Field(() => String, { nullable: true })
  readonly strategy!: string | null;

  @Field(() => Float, { nullable: true })
  readonly testLoss!: number | null;

  @Field(() => Float, { nullable: true })
  readonly synthLoss!: number | null;

  @Field(() => Float, { nullable: true })
  readonly weightedLoss!: number | null;

  @Field(() => Float, { nullable: true, description: "(base - own) / |base| of the weighted losses." })
  readonly improvement!: number | null;

  @Field(() => Float)
  readonly taskScore!: number;

  @Field(() => Float)
  readonly taskWeight!: number;

  @Field(() => Float)
  readonly adjustedScore!: number;

  @Field(() => String, {
    description: "WINNER, WINNER_NOT_ABOVE_BASE, MIDFIELD, BOTTOM_QUARTER, DISQUALIFIED, FLAGGED or INVALID.",
  })
  readonly reason!: string;

  @Field(() => String)
  readonly explanation!: string;

  @Field(() => [Finding])
  readonly findings!: readonly Finding[];
}
