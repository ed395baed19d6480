import { Field, ID, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("Assignment", { simpleResolvers: true, description: "A miner's accepted place in a task." })
export class Assignment {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { description: "ACCEPTED, ACTIVE, SEALED, WITHDRAWN, FAILED or RELEASED." })
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

  @Field(() => String, { description: "OPEN, ACCEPTED, DECLINED, EXPIRED or WITHDRAWN." })
  readonly status!: string;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: Date;
}
