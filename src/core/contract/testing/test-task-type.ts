import type { z } from "zod";
import type { TaskType } from "../task-type.ts";
import { describeChecks } from "./describe-checks.ts";
import type { TaskTypeCases } from "./task-type-cases.ts";
import { taskTypeChecks } from "./task-type-checks.ts";

/** Tests a task type with the author's cases, and everything that every type must hold: see docs/plugins/kits.md. */
export function testTaskType<S extends z.ZodObject, O extends z.ZodType>(
  type: TaskType<S, O>,
  cases: TaskTypeCases<S>,
): void {
  describeChecks(`task type ${type.kind}`, taskTypeChecks(type, cases), cases.skip);
}
