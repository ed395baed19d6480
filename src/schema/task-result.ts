import { Field, ObjectType } from "type-graphql";
import { ArtifactKindEnum } from "./enums.ts";
import { Submission } from "./submission.ts";
import { ArtifactFile } from "./task-parts.ts";

@ObjectType("TaskResult", { simpleResolvers: true, description: "The winning model." })
export class TaskResult {
  @Field(() => Submission)
  readonly submission!: object;

  @Field(() => ArtifactKindEnum)
  readonly artifactKind!: string;

  @Field(() => [ArtifactFile])
  readonly files!: readonly ArtifactFile[];
}
