import type { App } from "../app.ts";
import { refuseStalled } from "../sources/arriving.ts";
import { isHeldBack, noteInfrastructureFailure } from "../tasks/infrastructure-failure.ts";
import { StaleTaskError } from "../tasks/transition.ts";
import { modelsLeft, stillArriving } from "./models-left.ts";
import { scoreTask } from "./score-task.ts";

/**
 * EVALUATING -> SCORED (or FAILED) where every model is here and has its result. Whoever stores the last one looks here
 * after, so no lease is needed: of several that look at once, the transition lets one score.
 */
export async function finishEvaluation(app: App, taskId: string): Promise<void> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task?.status !== "EVALUATING" || isHeldBack(app, task)) return;
  if ((await modelsLeft(app.store, task)).length > 0) return;
  try {
    const arriving = await stillArriving(app.store, taskId);
    if (arriving.length > 0) await refuseStalled(app, arriving);
    else await scoreTask(app, taskId);
  } catch (error) {
    if (error instanceof StaleTaskError) return;
    await noteInfrastructureFailure(app, taskId, error);
  }
}
