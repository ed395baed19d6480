import { Field, ObjectType } from "type-graphql";
import type { AppError } from "../core/app/index.ts";

/** An expected failure of a mutation: a catalogued code, a sentence, and where in the input. */
@ObjectType("UserError", { simpleResolvers: true, description: "An expected failure; docs/errors.md lists the codes." })
export class UserError implements AppError {
  @Field(() => String)
  readonly code!: AppError["code"];

  @Field(() => String, { description: "What was expected, what was found and what to do." })
  readonly message!: string;

  @Field(() => [String], { description: "Where in the input; empty when it is not about one field." })
  readonly path!: readonly string[];
}
