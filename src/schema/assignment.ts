import { Field, ID, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { AssignmentStatusEnum, OfferStatusEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("Assignment", { simpleResolvers: true, description: "A miner's accepted place in a task." })
export class Assignment {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => AssignmentStatusEnum)
  readonly status!: string;

  @Field(() => DateTimeScalar)
  readonly acceptedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly endedAt!: Date | null;
}

export const AssignmentConnection = connectionOf("Assignment", () => Assignment);

@ObjectType("Offer", { simpleResolvers: true, description: "A question to one miner: will you take this task?" })
export class Offer {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => OfferStatusEnum)
  readonly status!: string;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: Date;
}
