import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";

/** What a miner can take on: kinds of tasks, base models up to a size, tasks at a time. */
export const capacityShape = {
  taskTypes: z
    .array(z.string().max(100))
    .min(1, "expected at least one task type")
    .max(100)
    .transform((kinds) => [...new Set(kinds)].sort()),
  maxParameterCount: z.number().int("expected a whole number of parameters").positive().max(Number.MAX_SAFE_INTEGER),
  slots: z.int().min(1, "expected at least one slot").max(1000, "expected at most 1000 slots"),
};

/** Refuses kinds that this server has no plugin for. */
export function checkTaskTypes(app: App, taskTypes: readonly string[]): AppResult<true> {
  const unknown = taskTypes.find((kind) => app.registry.taskType(kind) === undefined);
  if (unknown === undefined) return ok(true);
  const known = [...app.registry.taskTypes.keys()].join(", ");
  return fail("UNKNOWN_TASK_TYPE", `expected task types among ${known}, found ${unknown}`, ["input", "taskTypes"]);
}
