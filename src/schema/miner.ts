import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { MinerStatusEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("Miner", { simpleResolvers: true, description: "Somebody who trains: known by an sr25519 hotkey." })
export class Miner {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { description: "Public key in SS58 form." })
  readonly hotkey!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => MinerStatusEnum)
  readonly status!: string;

  @Field(() => [String])
  readonly taskTypes!: readonly string[];

  @Field(() => Float)
  readonly maxParameterCount!: number;

  @Field(() => Int, { description: "Tasks it can work on at once." })
  readonly slots!: number;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly lastHeartbeatAt!: Date | null;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;
}

export const MinerConnection = connectionOf("Miner", () => Miner);

@ObjectType("MinerStanding", { simpleResolvers: true, description: "A miner's line in the latest weight set." })
export class MinerStanding {
  @Field(() => Float)
  readonly temporalScore!: number;

  @Field(() => Float)
  readonly finalScore!: number;

  @Field(() => Float, { description: "Fraction; all of a set sum to 1." })
  readonly weight!: number;

  @Field(() => Int, { description: "Tasks of the last 7 days that went into the set." })
  readonly tasksScored!: number;
}

export const MinerStandingConnection = connectionOf("MinerStanding", () => MinerStanding);
