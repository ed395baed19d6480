import { Field, ID, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { AccountKindEnum, ViewerKindEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("Account", { simpleResolvers: true, description: "A customer or an operator." })
export class Account {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => AccountKindEnum)
  readonly kind!: string;

  @Field(() => String)
  readonly name!: string;
}

@ObjectType("ApiKey", { simpleResolvers: true, description: "A key without its secret." })
export class ApiKey {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly label!: string;

  @Field(() => ID)
  readonly accountId!: string;

  @Field(() => String, { description: "First characters, to recognise it by." })
  readonly prefix!: string;

  @Field(() => [String])
  readonly scopes!: readonly string[];

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly revokedAt!: Date | null;
}

export const ApiKeyConnection = connectionOf("ApiKey", () => ApiKey);

@ObjectType("Challenge", { simpleResolvers: true, description: "Words to sign with the miner's hotkey." })
export class Challenge {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: Date;
}

@ObjectType("OperatorNotice", { simpleResolvers: true, description: "Words for the operator." })
export class OperatorNotice {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => ID, { nullable: true })
  readonly taskId!: string | null;

  @Field(() => String)
  readonly code!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;
}

export const NoticeConnection = connectionOf("Notice", () => OperatorNotice);

@ObjectType("Viewer", { description: "Who is asking." })
export class Viewer {
  @Field(() => ViewerKindEnum)
  readonly kind!: string;
}
