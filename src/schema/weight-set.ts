import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { DateTimeScalar, JsonScalar } from "./scalars.ts";

@ObjectType("WeightSetEntry", { simpleResolvers: true })
export class WeightSetEntry {
  @Field(() => String)
  readonly hotkey!: string;

  @Field(() => Float)
  readonly temporalScore!: number;

  @Field(() => Float)
  readonly finalScore!: number;

  @Field(() => Float, { description: "Fraction; all of a set sum to 1." })
  readonly weight!: number;

  @Field(() => Int, { description: "As published, per 1e9." })
  readonly integer!: number;
}

@ObjectType("WeightSet", { simpleResolvers: true, description: "The weights of all miners at one moment." })
export class WeightSet {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => Int)
  readonly sequence!: number;

  @Field(() => String)
  readonly policy!: string;

  @Field(() => Boolean, { description: "True where nobody has a positive score." })
  readonly empty!: boolean;

  @Field(() => String)
  readonly digest!: string;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => JsonScalar, { description: "All that went in: what an auditor recomputes it from." })
  readonly inputs!: unknown;

  @Field(() => [WeightSetEntry])
  readonly entries!: readonly WeightSetEntry[];
}

export const WeightSetConnection = connectionOf("WeightSet", () => WeightSet);
