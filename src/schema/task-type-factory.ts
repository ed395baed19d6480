import { Ctx, Field, ObjectType, FieldResolver, Resolver, Root } from "type-graphql";
import { z } from "zod";
import { createTask, DATASET_FORMATS, line, type TaskRecord } from "../core/app/index.ts";
import type { AnyTaskType } from "../core/contract/index.ts";
import type { ApiContext } from "./context.ts";
import { bindGraphqlType, deriveGraphql, deriveInput, type GraphqlClass } from "./derive-graphql.ts";
import { graphqlEnum } from "./enums.ts";
import { idempotencyKey, taskOrigin } from "./input-shapes.ts";
import { defineMutation } from "./mutation.ts";
import { omitNulls } from "./omit-nulls.ts";
import { Task } from "./task.ts";

/** What the schema builder needs of one task type. */
export interface TaskTypeClasses {
  readonly objectType: GraphqlClass;
  readonly resolvers: readonly GraphqlClass[];
}

const baseModel = z.strictObject({
  repo: z.string(),
  revision: z.string().optional().describe("Full commit; left out: the one that the server has."),
});
bindGraphqlType(baseModel, deriveInput("BaseModelInput", baseModel));

const huggingFace = z
  .strictObject({ repo: z.string(), revision: z.string().describe("Full commit."), path: z.string() })
  .describe("A file of a dataset repository.");
bindGraphqlType(huggingFace, deriveInput("HuggingFaceFileInput", huggingFace));

const datasetFormat = bindGraphqlType(z.enum(DATASET_FORMATS), graphqlEnum("DatasetFormat", DATASET_FORMATS));

const dataset = z
  .strictObject({
    rows: z
      .array(z.record(z.string(), z.json()))
      .optional()
      .describe("The rows themselves, each an object of columns. A body has 129 MB at most: larger ones by url."),
    url: z.string().optional().describe("An https address of a file; its ending tells the format, or `format` does."),
    format: datasetFormat.optional(),
    huggingFace: huggingFace.optional(),
  })
  .describe("Exactly one of rows, url and huggingFace.");
bindGraphqlType(dataset, deriveInput("DatasetInput", dataset));

const made = new WeakMap<AnyTaskType, TaskTypeClasses>();

/**
 * The nouns and the verb of a task type, made once per type and process: `type <Name> implements Task { spec: <Name>Spec! }`
 * and `create<Name>(input: Create<Name>Input!): Create<Name>Payload!`.
 */
export function taskTypeClasses(taskType: AnyTaskType): TaskTypeClasses {
  const known = made.get(taskType);
  if (known) return known;
  const { graphqlName, kind, title } = taskType;
  const spec = deriveGraphql(`${graphqlName}Spec`, taskType.spec);
  // A schema of its own per type: the same zod object may be used by another type under another name.
  const specInput = bindGraphqlType(z.unknown(), spec.input);

  @ObjectType(graphqlName, { implements: Task, description: taskType.description })
  class TaskOfType extends Task {
    @Field(() => spec.output)
    readonly spec!: object;
  }

  @Resolver(() => TaskOfType)
  class SpecResolver {
    @FieldResolver(() => spec.output)
    spec(@Root() task: TaskRecord, @Ctx() { app }: ApiContext): object {
      const parsed = app.registry.parseSpec(task.kind, task.specVersion, task.spec);
      if (!parsed.ok) throw new Error(`task ${task.id}: ${parsed.error.message}`);
      return parsed.value.spec;
    }
  }

  const create = defineMutation({
    name: `create${graphqlName}`,
    description: `Posts a task: ${title}. A customer or the operator.`,
    input: z.strictObject({
      idempotencyKey,
      title: line(200),
      baseModel,
      dataset,
      budgetSeconds: z.int().describe("Training time, from the first assignment to the deadline."),
      spec: specInput,
      origin: taskOrigin.optional().describe("ORGANIC when left out; the others are the operator's."),
    }),
    payload: { task: () => TaskOfType },
    run: ({ app, principal }, { baseModel: base, origin = null, ...input }) =>
      createTask(app, principal, {
        ...input,
        kind,
        origin,
        spec: omitNulls(taskType.spec, input.spec),
        baseModel: { repo: base.repo, revision: base.revision ?? null },
      }),
    present: (task) => ({ task }),
  });
  const classes = { objectType: TaskOfType, resolvers: [SpecResolver, create] };
  made.set(taskType, classes);
  return classes;
}
