import { InfrastructureError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { BaseModelInfo } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import type { ParsedSpec } from "../stored-spec.ts";

/** A task's type and its spec as the plugin of today reads it. @throws InfrastructureError where the plugin is gone: nobody is charged. */
export function specOf(app: App, task: TaskRecord): ParsedSpec {
  const parsed = app.registry.parseSpec(task.kind, task.specVersion, task.spec);
  if (!parsed.ok) throw new InfrastructureError("PLUGIN_MISSING", parsed.error.message);
  return parsed.value;
}

/** A task's base model. @throws InfrastructureError where it is gone: nobody is charged. */
export async function baseOf(app: App, task: TaskRecord): Promise<BaseModelInfo> {
  const base = await app.bases.find(task.baseRepo, task.baseRevision);
  if (base !== null) return base;
  throw new InfrastructureError(
    "BASE_MODEL_MISSING",
    `the base model ${task.baseRepo}@${task.baseRevision} is not installed any more`,
  );
}
