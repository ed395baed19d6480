import { z } from "zod";
import { PLUGIN_API, type HookEvents, type Plugin } from "../contract/index.ts";
import { ARTIFACT_KINDS } from "../domain/index.ts";

const kebab = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower-case kebab-case, for example my-rule");
const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function", "must be a function");
const hostsCopy = "made with the host's copy of zod: declare zod as a peer dependency, and bundle none";
const schema = z.custom<z.ZodType>((value) => value instanceof z.ZodType, `must be a zod schema ${hostsCopy}`);
const objectSchema = z.custom<z.ZodObject>(
  (value) => value instanceof z.ZodObject,
  `must be a zod object schema ${hostsCopy}`,
);
const strictObjectSchema = objectSchema.refine(
  (value) => value instanceof z.ZodObject && value.def.catchall instanceof z.ZodNever,
  "must be a strict zod object (z.strictObject), so that a mistyped option is an error",
);
const sentence = z.string().min(1);
const api = z.literal(PLUGIN_API);
const names = z.array(z.string().min(1));

const taskType = z.looseObject({
  type: z.literal("task-type"),
  api,
  kind: kebab,
  graphqlName: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, "must be a GraphQL type name in PascalCase"),
  title: sentence,
  description: sentence,
  specVersion: z.int().positive(),
  spec: strictObjectSchema,
  migrateSpec: z.record(z.string(), callable).optional(),
  share: z.number().nonnegative(),
  pool: z
    .object({ min: z.int().positive(), max: z.int().positive() })
    .refine(({ min, max }) => min <= max, "must have min <= max"),
  artifactKinds: z.array(z.enum(ARTIFACT_KINDS)).min(1),
  tolerance: z.number().positive(),
  metrics: z.array(
    z.object({ name: sentence, direction: z.enum(["lower", "higher"]), unit: z.string(), description: sentence }),
  ),
  synthesis: z
    .object({
      temperature: z.number().nonnegative(),
      rewrite: names.min(1),
      keep: names,
      answers: z.record(z.string(), z.enum(["strong", "weak"])).optional(),
    })
    .nullable(),
  generator: z.object({ options: strictObjectSchema, generate: callable }).optional(),
  timeBudgetHours: callable,
  columns: callable,
  rowSchema: callable,
  render: callable,
  objective: callable,
  baseProblem: callable.optional(),
  carriesCode: callable.optional(),
  rehearses: callable.optional(),
  evalOutput: schema,
  losses: callable,
  attachments: callable.optional(),
  weightedLoss: callable,
});

const rule = z.looseObject({
  type: z.literal("anti-gaming-rule"),
  api,
  name: kebab,
  source: sentence,
  description: sentence,
  scope: z.enum(["task", "window"]),
  options: strictObjectSchema,
  judge: callable,
});

const live = { api, name: kebab, options: strictObjectSchema, create: callable };

const contribution = z.discriminatedUnion("type", [
  taskType,
  rule,
  z.looseObject({ type: z.literal("eval-runner"), isolation: z.enum(["process", "container"]), ...live }),
  z.looseObject({ type: z.literal("synthesizer"), ...live }),
  z.looseObject({ type: z.literal("artifact-store"), ...live }),
  z.looseObject({ type: z.literal("weight-publisher"), ...live }),
]);

const hook = callable.optional();
const hooks = z.strictObject({
  taskTransitioned: hook,
  submissionSealed: hook,
  evaluationFinished: hook,
  taskScored: hook,
} satisfies Record<keyof HookEvents, typeof hook>);

const plugin = z.looseObject({
  name: z.string().regex(/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/, "must be a package name in lower case"),
  version: z.string().regex(/^\d+\.\d+\.\d+/, "must be a semantic version such as 1.0.0"),
  api,
  provides: z.array(contribution).min(1),
  hooks: hooks.optional(),
});

/** All that is wrong with the shape of a plugin, as `path: rule` lines; empty when it may be used as a `Plugin`. */
export function pluginShapeProblems(value: unknown): readonly string[] {
  const parsed = plugin.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => `${issue.path.join(".") || "default export"}: ${issue.message}`);
}

/** True where `value` has the shape of a plugin for this host. */
export function isPlugin(value: unknown): value is Plugin {
  return pluginShapeProblems(value).length === 0;
}

/** The api number that a plugin (or anything else) declares, if it declares one. */
export function declaredApi(value: unknown): unknown {
  return typeof value === "object" && value !== null && "api" in value ? value.api : undefined;
}
