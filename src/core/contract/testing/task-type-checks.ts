import assert from "node:assert/strict";
import { z } from "zod";
import { createRng } from "../../domain/index.ts";
import type { Losses, RowGenerator, TaskType } from "../task-type.ts";
import { check, distinctCases, type Check } from "./check.ts";
import { withBrokenNumbers, withExtraFields, withMissingFields } from "./mutations.ts";
import { assertJson, deepFreeze, pureResult } from "./purity.ts";
import { usualFacts, type InvalidTaskCase, type TaskTypeCases, type ValidTaskCase } from "./task-type-cases.ts";

const RNG_SEED_BYTES = 16;

/** All that the kit checks of a task type with the author's cases; each check throws when it does not hold. */
export function taskTypeChecks<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  { valid, invalid }: TaskTypeCases<S>,
): readonly Check[] {
  return [
    ...descriptionChecks(type),
    ...valid.map((example) => check(`accepts ${example.name}`, () => checkValid(type, example))),
    ...invalid.map((example) => check(`refuses ${example.name}`, () => checkInvalid(type, example))),
    check("refuses NaN, infinity, unknown and missing fields in an evaluator's output", () => {
      for (const { spec, output } of valid) {
        if (output !== undefined) checkOutputMutations(type, type.spec.parse(spec), output);
      }
    }),
    check("has a loss that falls with each of its parts", () => checkMonotone(type)),
    ...(type.generator === undefined ? [] : [generatorCheck(type, type.generator)]),
    distinctCases([...valid, ...invalid]),
    check("has cases that say something", () => {
      assert(
        valid.some((example) => (example.rows ?? []).some((row) => row.rendered)),
        "no valid case has a rendered row",
      );
      const golden = valid.some((example) => example.losses !== undefined && example.weightedLoss !== undefined);
      assert(golden, "no valid case has golden values: an output with its losses and weightedLoss");
      for (const what of ["a spec", "a row", "an output"] as const) {
        assert(
          invalid.some((example) => refusedPart(example) === what),
          `no invalid case has ${what} that is refused`,
        );
      }
    }),
  ];
}

const GENERATED_ROWS = 20;

function generatorCheck<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  generator: RowGenerator,
): Check {
  return check("generates rows that it accepts, the same from the same random numbers", () => {
    const defaults = deepFreeze(generator.options.parse({}));
    const schema = type.rowSchema(deepFreeze(type.spec.parse({})));
    const generated = () => {
      const rng = createRng(new Uint8Array(RNG_SEED_BYTES).fill(1));
      return Array.from({ length: GENERATED_ROWS }, () => generator.generate(defaults, rng));
    };
    const rows = pureResult(generated);
    for (const row of rows)
      assert.deepEqual(accepted(schema, row, "a generated row"), row, "a generated row must parse to itself");
    const distinct = new Set(rows.map((row) => JSON.stringify(row))).size;
    assert(distinct > GENERATED_ROWS / 2, `of ${GENERATED_ROWS} generated rows only ${distinct} differ`);
  });
}

const refusedPart = ({ row, output }: InvalidTaskCase) =>
  row !== undefined ? "a row" : output !== undefined ? "an output" : "a spec";

function descriptionChecks<S extends z.ZodObject, O extends z.ZodType>(type: TaskType<S, O>): readonly Check[] {
  return [
    check("is a frozen task type of this plugin API", () => {
      assert(Object.isFrozen(type) && type.type === "task-type" && type.api === 1, "make it with defineTaskType");
      assert.match(type.kind, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "kind must be lower-case kebab-case");
      assert.match(type.graphqlName, /^[A-Z][A-Za-z0-9]*$/, "graphqlName must be PascalCase");
      assert(type.share >= 0 && type.share <= 1, "share must be in [0, 1]");
      assert(type.pool.min >= 1 && type.pool.min <= type.pool.max, "pool must be a range of at least one miner");
      assert(type.artifactKinds.length > 0, "artifactKinds must not be empty");
      assert(type.tolerance > 0, "tolerance must be positive");
      const metrics = type.metrics.map(({ name }) => name);
      assert.equal(new Set(metrics).size, metrics.length, "metric names must differ");
      const treated = treatedRoles(type);
      assert.equal(new Set(treated).size, treated.length, "a role can only be rewritten, or kept, or answered anew");
    }),
    check("has a strict spec whose fields GraphQL can name", () => {
      const refused = type.spec
        .safeParse({ anUnknownField: 1 })
        .error?.issues.some(({ code }) => code === "unrecognized_keys");
      assert(refused, "the spec must be a z.strictObject, so that a mistyped option is an error");
      assertGraphqlNames(type.spec);
    }),
    check("can read specs of every earlier version", () => {
      for (let version = 1; version < type.specVersion; version += 1) {
        assert(type.migrateSpec?.[version], `there is no migration from spec version ${version} to ${version + 1}`);
      }
    }),
  ];
}

function treatedRoles({ synthesis }: Pick<TaskType, "synthesis">): readonly string[] {
  const { rewrite = [], keep = [], answers = {} } = synthesis ?? {};
  return [...rewrite, ...keep, ...Object.keys(answers)];
}

function assertGraphqlNames(schema: z.ZodObject): void {
  assert(Object.keys(schema.shape).length > 0, "GraphQL has no type without a field: give the spec one");
  for (const [key, field] of Object.entries(schema.shape)) {
    assert.match(key, /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, `the field ${key} is no GraphQL name`);
    let inner: unknown = field;
    while (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodNullable
    ) {
      inner = inner.def.innerType;
    }
    if (inner instanceof z.ZodObject) assertGraphqlNames(inner);
    if (field instanceof z.ZodOptional) {
      assert(
        z.safeParse(field, null).success,
        `${key} must take null like undefined, as GraphQL clients send both: use .nullable().default(null)`,
      );
    }
  }
}

function checkValid<S extends z.ZodObject, O extends z.ZodType>(type: TaskType<S, O>, example: ValidTaskCase<S>): void {
  const spec = deepFreeze(accepted(type.spec, example.spec, "the spec"));
  assertJson(spec, "the parsed spec");
  assert.deepEqual(type.spec.parse(spec), spec, "parsing a parsed spec must change nothing");
  const facts = deepFreeze({ ...usualFacts, ...example.facts });

  const [min, max] = pureResult(() => type.timeBudgetHours(facts));
  assert(min >= 0 && min <= max && Number.isFinite(max), `timeBudgetHours must be a range, found [${min}, ${max}]`);
  if (example.hours) assert.deepEqual([min, max], [...example.hours]);

  const columns = pureResult(() => type.columns(spec));
  const roles = columns.map(({ role }) => role);
  assert.equal(new Set(roles).size, roles.length, "two columns have the same role");
  const treated = treatedRoles(type);
  assert(
    columns.some(({ required }) => required),
    "at least one column must be required",
  );
  assertJson(
    pureResult(() => type.objective(spec, facts)),
    "the objective",
  );

  for (const { row, rendered } of example.rows ?? []) {
    const parsed = deepFreeze(accepted(type.rowSchema(spec), row, "a row"));
    assert.deepEqual(type.rowSchema(spec).parse(parsed), parsed, "parsing a parsed row must change nothing");
    const unknown = Object.keys(parsed).find((role) => !roles.includes(role) && !treated.includes(role));
    assert(unknown === undefined, `a row has the role ${unknown}, which neither columns() nor synthesis names`);
    const result = pureResult(() => type.render(parsed, spec));
    assertJson(result, "a rendered row");
    if (rendered) assert.deepEqual(result, rendered);
  }
  if (example.output !== undefined) checkOutput(type, spec, example);
}

/** What the schema makes of a value that it must accept; a refusal is told with its places. */
function accepted<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  const refusals =
    parsed.error?.issues.map(({ path, message }) => `${path.join(".") || "the value"}: ${message}`) ?? [];
  assert(parsed.success, `${what} is refused: ${refusals.join("; ")}`);
  return parsed.data;
}

function checkOutput<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  spec: z.output<S>,
  example: ValidTaskCase<S>,
): void {
  const output = deepFreeze(accepted(type.evalOutput, example.output, "the output"));
  const losses = pureResult(() => type.losses(output, spec));
  assertFiniteLosses(losses);
  const known = new Set(type.metrics.map(({ name }) => name));
  const unknown = Object.keys(losses.metrics).filter((name) => !known.has(name));
  assert.deepEqual(unknown, [], "losses() reports metrics that the type does not describe");
  const weighted = pureResult(() => type.weightedLoss(losses));
  assert(Number.isFinite(weighted), "weightedLoss must be finite for finite losses");
  for (const [name, expected] of Object.entries(example.losses ?? {}))
    assertClose({ [name]: expected }, { [name]: Reflect.get(losses, name) });
  if (example.weightedLoss !== undefined)
    assertClose({ weightedLoss: example.weightedLoss }, { weightedLoss: weighted });
}

function assertFiniteLosses({ testLoss, synthLoss, components, rowLosses }: Losses): void {
  const numbers = [
    testLoss,
    synthLoss ?? 0,
    ...Object.values(components),
    ...rowLosses.test,
    ...(rowLosses.synth ?? []),
  ];
  assert(numbers.every(Number.isFinite), "every loss must be finite");
  assert(Object.keys(components).length > 0, "components must not be empty: duplicates could not be told");
  assert(rowLosses.test.length > 0, "rowLosses.test must have the loss of each row");
  assert.equal(synthLoss === null, rowLosses.synth === null, "synthLoss and rowLosses.synth must be there together");
}

/** Equal up to the rounding of sums, number by number. */
function assertClose(expected: unknown, found: unknown): void {
  if (typeof expected === "number" && typeof found === "number") {
    assert(
      Math.abs(expected - found) <= 1e-9 * Math.max(1, Math.abs(expected)),
      `expected ${expected}, found ${found}`,
    );
  } else if (typeof expected === "object" && expected !== null && typeof found === "object" && found !== null) {
    assert.deepEqual(Object.keys(found), Object.keys(expected));
    for (const key of Object.keys(expected)) assertClose(Reflect.get(expected, key), Reflect.get(found, key));
  } else assert.deepEqual(found, expected);
}

function checkInvalid<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  example: InvalidTaskCase,
): void {
  const part = refusedPart(example);
  const spec = type.spec.safeParse(example.spec);
  if (part !== "a spec") assert(spec.success, "the spec of a case with a row or an output must be valid");
  const refused =
    part === "a spec" || !spec.success
      ? spec
      : part === "a row"
        ? type.rowSchema(spec.data).safeParse(example.row)
        : type.evalOutput.safeParse(example.output);
  assert(!refused.success, `expected ${part} to be refused, it was accepted`);
  const paths = refused.error?.issues.map(({ path }) => path.join(".")) ?? [];
  assert(
    paths.includes(example.at),
    `expected a refusal at "${example.at}", found ${paths.map((path) => `"${path}"`).join(", ")}`,
  );
}

function checkOutputMutations<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  spec: z.output<S>,
  output: unknown,
): void {
  for (const { at, value } of [...withBrokenNumbers(output), ...withExtraFields(output)]) {
    assert(!type.evalOutput.safeParse(value).success, `an output with a broken or unknown value at ${at} was accepted`);
  }
  // A field may be optional (a set that a task lacks), but then the losses must still be sound.
  for (const { value } of withMissingFields(output)) {
    const parsed = type.evalOutput.safeParse(value);
    if (parsed.success) assertFiniteLosses(type.losses(parsed.data, spec));
  }
}

function checkMonotone(type: Pick<TaskType, "weightedLoss">): void {
  for (const synthLoss of [null, 0.5, 2]) {
    const at = (testLoss: number, synth: number | null) => type.weightedLoss({ testLoss, synthLoss: synth });
    for (const [low, high] of [
      [-1, 0],
      [0, 1e-3],
      [1, 2],
    ] as const) {
      assert(
        at(low, synthLoss) < at(high, synthLoss),
        `weightedLoss must grow with testLoss (${low} to ${high}, synthLoss ${synthLoss})`,
      );
    }
    if (synthLoss !== null)
      assert(at(1, synthLoss) <= at(1, synthLoss + 1), "weightedLoss must not fall when synthLoss grows");
  }
}
