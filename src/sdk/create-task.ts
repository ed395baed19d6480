import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { parse } from "graphql";
import type { GradientsClient } from "./client.ts";
import { present, UserError, type UserErrorItem } from "./errors.ts";
import { TaskTypesDocument, type TaskOrigin, type TaskStatus } from "./generated/graphql.ts";

/** A task as a customer asks for it, whatever its type. */
export interface NewTask {
  /** A kind that `taskTypes` lists. */
  readonly kind: string;
  readonly idempotencyKey: string;
  readonly title: string;
  readonly baseModel: { readonly repo: string; readonly revision?: string | null };
  readonly dataset: Readonly<Record<string, unknown>>;
  readonly budgetSeconds: number;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly origin?: TaskOrigin;
}

interface CreateResult {
  readonly created: {
    readonly task: { readonly id: string; readonly status: TaskStatus } | null;
    readonly userErrors: readonly UserErrorItem[];
  };
}

/**
 * Creates a task of any type that the server has: each type has a mutation of its own, whose name the server tells.
 *
 * @throws UserError(UNKNOWN_TASK_TYPE) with the known kinds; UserError, RequestError, ConnectionError
 */
export async function createTask(
  client: GradientsClient,
  { kind, ...input }: NewTask,
): Promise<{ readonly id: string; readonly status: TaskStatus }> {
  const { taskTypes } = await client.request(TaskTypesDocument, {});
  const type = taskTypes.find((candidate) => candidate.kind === kind);
  if (type === undefined) {
    const known = taskTypes.map((candidate) => candidate.kind).join(", ");
    throw new UserError([
      { code: "UNKNOWN_TASK_TYPE", message: `There is no task type "${kind}". Known: ${known}.`, path: ["kind"] },
    ]);
  }
  const { created } = await client.request(createDocument(type.graphqlName), { input });
  return present(created.task, "task");
}

/** `createX(input: CreateXInput!)` is derived by the server from every task type's GraphQL name. */
function createDocument(name: string): TypedDocumentNode<CreateResult, { input: unknown }> {
  return parse(`
    mutation CreateTask($input: Create${name}Input!) {
      created: create${name}(input: $input) {
        task { id status }
        userErrors { code message path }
      }
    }
  `);
}
