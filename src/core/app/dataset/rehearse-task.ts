import { InfrastructureError, TaskError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import { createScratchFolder } from "../evaluation/scratch-folder.ts";
import { evaluationContext, openEvaluation } from "../evaluation/evaluation-session.ts";
import type { Lease } from "../ports.ts";
import type { DatasetSplitRecord, TaskRecord } from "../records.ts";
import { specOf } from "../tasks/task-needs.ts";

/**
 * Whether this process can prepare a task. One that is rehearsed needs an evaluator: where this machine can run none, it is
 * left to a worker that can, and no failure is counted.
 */
export async function canPrepare(app: App, task: TaskRecord): Promise<boolean> {
  try {
    const { taskType, spec } = specOf(app, task);
    if (taskType.rehearses?.(spec) !== true) return true;
  } catch {
    // What is wrong with it is for the preparation to say.
    return true;
  }
  try {
    await app.evalRunner.ready?.();
    return true;
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    app.log.debug("nothing can be rehearsed here", { taskId: task.id, code: error.code, reason: error.message });
    return false;
  }
}

/**
 * Opens an evaluator on the prepared rows, where the type asks for it, so that what is wrong with the task itself shows
 * before any miner works on it. Resolves to what is wrong, or null.
 *
 * @throws InfrastructureError when the platform failed: worth another try.
 */
export async function rehearseTask(
  app: App,
  lease: Lease,
  task: TaskRecord,
  splits: readonly DatasetSplitRecord[],
): Promise<string | null> {
  const { taskType, spec } = specOf(app, task);
  if (taskType.rehearses?.(spec) !== true) return null;
  const evaluated = splits.filter(({ split }) => split !== "TRAIN");
  const context = await evaluationContext(app, task, evaluated);
  await using folder = await createScratchFolder(app, `rehearsal-${task.id}`);
  try {
    await using _session = await openEvaluation(app, lease, context, null, folder.path);
    return null;
  } catch (error) {
    if (error instanceof TaskError) return `${error.code}: ${error.message}`;
    // Not a fault that goes away: this operator's runner takes no such task.
    if (error instanceof InfrastructureError && error.code === "ISOLATION_REQUIRED") return error.message;
    throw error;
  }
}
