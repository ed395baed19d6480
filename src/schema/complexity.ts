import { ApolloArmor } from "@escape.tech/graphql-armor";
import {
  GraphQLError,
  Kind,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
} from "graphql";
import type { ApiLimits } from "./limits.ts";

type Variables = Readonly<Record<string, unknown>>;

/** What bounds a query before it runs, the same for both transports. */
export interface Complexity {
  /** Depth, aliases and directives: these depend on the document alone. */
  readonly rules: readonly ValidationRule[];
  /** Also depends on the variables that `first` names; null where the query is cheap enough. */
  costProblem(schema: GraphQLSchema, document: DocumentNode, variables: Variables): GraphQLError | null;
}

/** Makes the rules out of graphql-armor. */
export function createComplexity(limits: ApiLimits): Complexity {
  const off = { enabled: false };
  const onReject = [tooComplex];
  const shared = { onReject, propagateOnRejection: false };
  const maxDepth = { ...shared, n: limits.maxDepth, flattenFragments: true };
  const maxAliases = { ...shared, n: limits.maxAliases };
  const maxDirectives = { ...shared, n: limits.maxDirectives };
  const costLimit = { ...shared, maxCost: limits.maxCost, flattenFragments: true };
  // graphql's own parser counts the tokens, and the schema is public: suggestions give nothing away.
  const elsewhere = { maxTokens: off, blockFieldSuggestion: off };
  const shape = new ApolloArmor({ ...elsewhere, maxDepth, maxAliases, maxDirectives, costLimit: off }).protect();
  const cost = new ApolloArmor({
    ...elsewhere,
    costLimit,
    maxDepth: off,
    maxAliases: off,
    maxDirectives: off,
  }).protect();
  return {
    rules: shape.validationRules,
    costProblem: remembered((schema, document, variables) => {
      const problems = validate(schema, withPageSizes(schema, document, variables), cost.validationRules);
      return problems.at(0) ?? null;
    }),
  };
}

/** Answers kept per document: enough for the page sizes that a client really uses. */
const ANSWERS_PER_DOCUMENT = 20;

/** Servers see the same documents again and again; what a cost depends on besides are the numbers among the variables. */
function remembered(ask: Complexity["costProblem"]): Complexity["costProblem"] {
  const known = new WeakMap<DocumentNode, Map<string, GraphQLError | null>>();
  return (schema, document, variables) => {
    const answers = known.get(document) ?? new Map<string, GraphQLError | null>();
    known.set(document, answers);
    const numbers = JSON.stringify(Object.entries(variables).filter(([, value]) => typeof value === "number"));
    const answer = answers.get(numbers);
    if (answer !== undefined) return answer;
    const fresh = ask(schema, document, variables);
    if (answers.size >= ANSWERS_PER_DOCUMENT) answers.clear();
    answers.set(numbers, fresh);
    return fresh;
  };
}

function tooComplex(context: ValidationContext | null, error: GraphQLError): void {
  const message = error.message.replace(/^Syntax Error: /, "");
  context?.reportError(new GraphQLError(message, { extensions: { code: "QUERY_TOO_COMPLEX" } }));
}

/** Writes every `first` out as the number that it will be: graphql-armor counts literals only. */
function withPageSizes(schema: GraphQLSchema, document: DocumentNode, variables: Variables): DocumentNode {
  const types = new TypeInfo(schema);
  const defaults = new Map<string, ValueNode>();
  return visit(
    document,
    visitWithTypeInfo(types, {
      VariableDefinition: ({ variable, defaultValue }) => {
        if (defaultValue) defaults.set(variable.name.value, defaultValue);
      },
      Field: (node) => {
        const declared = types.getFieldDef()?.args.find(({ name }) => name === "first");
        if (!declared) return undefined;
        const given = node.arguments?.find(({ name }) => name.value === "first");
        const size = pageSize(given?.value, variables, defaults) ?? declared.defaultValue;
        return typeof size === "number" ? withFirst(node, given, size) : undefined;
      },
    }),
  );
}

function pageSize(
  value: ValueNode | undefined,
  variables: Variables,
  defaults: ReadonlyMap<string, ValueNode>,
): unknown {
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const fallback = defaults.get(value.name.value);
  return variables[value.name.value] ?? (fallback?.kind === Kind.INT ? Number(fallback.value) : undefined);
}

function withFirst(node: FieldNode, given: ArgumentNode | undefined, size: number): FieldNode {
  const first: ArgumentNode = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: "first" },
    value: { kind: Kind.INT, value: String(Math.trunc(size)) },
  };
  // graphql-armor stops at the first argument that it knows, so the page size goes in front.
  return { ...node, arguments: [first, ...(node.arguments ?? []).filter((argument) => argument !== given)] };
}
