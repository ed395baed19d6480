import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { VerdictEnum } from "./enums.ts";
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

@ObjectType("WindowFinding", {
  simpleResolvers: true,
  description: "What an anti-gaming rule found about a miner's results of the last days.",
})
export class WindowFinding {
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

  @Field(() => Boolean, {
    description: "Results of the miner were left out: organic ones for FLAG, all for DISQUALIFY.",
  })
  readonly leftOut!: boolean;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;
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

  @Field(() => JsonScalar, {
    description: "All results of the window, the left-out ones marked: what an auditor recomputes it from.",
  })
  readonly inputs!: unknown;

  @Field(() => [WeightSetEntry])
  readonly entries!: readonly WeightSetEntry[];
}

export const WeightSetConnection = connectionOf("WeightSet", () => WeightSet);
