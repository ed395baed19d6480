import type { AnyTaskType } from "../contract/index.ts";
import { err, ok, type Result } from "../domain/index.ts";

/** A spec as its plugin of today understands it. */
export interface ParsedSpec {
  readonly taskType: AnyTaskType;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface SpecProblem {
  readonly code: "TASK_TYPE_NOT_REGISTERED" | "SPEC_VERSION_UNSUPPORTED" | "SPEC_INVALID";
  readonly message: string;
  /** One entry for each broken rule; empty where the spec was not looked at. */
  readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[];
}

interface StoredSpec {
  readonly kind: string;
  readonly specVersion: number;
  readonly stored: unknown;
}

const problem = (code: SpecProblem["code"], message: string, issues: SpecProblem["issues"] = []) =>
  err<SpecProblem>({ code, message, issues });

/** Migrates step by step from the stored version to the type's own and parses the result. */
export function parseStoredSpec(
  type: AnyTaskType | undefined,
  { kind, specVersion, stored }: StoredSpec,
): Result<ParsedSpec, SpecProblem> {
  if (!type) {
    return problem("TASK_TYPE_NOT_REGISTERED", `no plugin provides the task type ${kind}: add it to the plugin list`);
  }
  if (specVersion > type.specVersion) {
    const message = `the spec has version ${specVersion}, the plugin of ${kind} knows ${type.specVersion}: update the plugin`;
    return problem("SPEC_VERSION_UNSUPPORTED", message);
  }
  let value = stored;
  for (let version = specVersion; version < type.specVersion; version += 1) {
    const migrate = type.migrateSpec?.[version];
    if (!migrate) {
      const message = `the plugin of ${kind} has no migration from spec version ${version} to ${version + 1}`;
      return problem("SPEC_VERSION_UNSUPPORTED", message);
    }
    value = migrate(value);
  }
  const parsed = type.spec.safeParse(value);
  if (parsed.success) return ok({ taskType: type, spec: parsed.data });
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message }));
  const summary = issues.map(({ path, message }) => `${path.join(".") || "spec"}: ${message}`).join("; ");
  return problem("SPEC_INVALID", `the spec of this ${kind} task is not valid: ${summary}`, issues);
}
