import { Field, Float, ID, ObjectType } from "type-graphql";
import { UploadStatusEnum } from "./enums.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType("UploadFile", { simpleResolvers: true, description: "One file on its way." })
export class UploadFile {
  @Field(() => String)
  readonly path!: string;

  @Field(() => Float)
  readonly bytes!: number;

  @Field(() => String)
  readonly sha256!: string;

  @Field(() => Float, { description: "Bytes that have arrived." })
  readonly received!: number;

  @Field(() => String, { description: "A signed address to PUT to; HEAD tells the offset to resume from." })
  readonly url!: string;
}

@ObjectType("Upload", { simpleResolvers: true, description: "A model on its way: it seals once." })
export class Upload {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => UploadStatusEnum)
  readonly status!: string;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: Date;
}
