import {
  getOperationAST,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from "graphql";
import type { Complexity } from "./complexity.ts";
import type { ApiLimits } from "./limits.ts";

export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** Parses and checks what came over a socket by the very rules that Apollo applies over HTTP. */
export function prepareOperation(
  schema: GraphQLSchema,
  complexity: Complexity,
  limits: ApiLimits,
  { query, operationName, variables }: OperationRequest,
): Omit<ExecutionArgs, "contextValue"> | readonly GraphQLError[] {
  const document = parseQuery(query, limits.maxTokens);
  if (document instanceof GraphQLError) return [document];
  const problems = validate(schema, document, [...specifiedRules, ...complexity.rules]);
  if (problems.length > 0) return problems.map((problem) => withCode(problem, "GRAPHQL_VALIDATION_FAILED"));
  if (!getOperationAST(document, operationName)) return [unresolved(operationName)];
  const cost = complexity.costProblem(schema, document, variables ?? {});
  if (cost) return [cost];
  return { schema, document, operationName: operationName ?? null, variableValues: variables ?? {} };
}

function parseQuery(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, "GRAPHQL_PARSE_FAILED");
    throw error;
  }
}

/** In Apollo's words. */
function unresolved(operationName: string | null | undefined): GraphQLError {
  const message = operationName
    ? `Unknown operation named "${operationName}".`
    : "Must provide operation name if query contains multiple operations.";
  return new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
}

/** Apollo names errors of the request by their phase. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  const extensions = { code, ...error.extensions };
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions,
  });
}
