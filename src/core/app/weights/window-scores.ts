import type { WindowResult } from "../../contract/index.ts";
import { compareIds, windowOf, type ScoredResult } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { ScoreRecord, TaskRecord } from "../records.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A score with its task and its age when the window was read. */
export interface WindowScore {
  readonly score: ScoreRecord;
  readonly task: TaskRecord;
  readonly ageDays: number;
}

/** Every score of SCORED tasks of the last days, in the order of tasks and miners. */
export async function windowScores(app: App, tx: Tx, days: number): Promise<readonly WindowScore[]> {
  const now = app.clock.now().getTime();
  const tasks = await tx.find("tasks", { status: "SCORED", scoredAt: { gte: new Date(now - days * DAY_MS) } });
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const scores = tasks.length === 0 ? [] : await tx.find("scores", { taskId: { in: [...byId.keys()] } });
  return scores
    .flatMap((score) => {
      const task = byId.get(score.taskId);
      // The clock that a task was scored by may be a little ahead of this one.
      const ageDays = Math.max(0, now - score.scoredAt.getTime()) / DAY_MS;
      return task === undefined ? [] : [{ score, task, ageDays }];
    })
    .toSorted((a, b) => compareIds(a.task.id, b.task.id) || compareIds(a.score.minerId, b.score.minerId));
}

/** As rules see it. */
export const toWindowResult = ({ score, task, ageDays }: WindowScore): WindowResult => ({
  minerId: score.minerId,
  taskId: task.id,
  submissionId: score.submissionId,
  origin: task.origin,
  taskScore: score.taskScore,
  ageDays,
});

/** As weight sets publish it: by hotkey, with the window that it falls in instead of a time. */
export const toScoredResult = ({ score, task, ageDays }: WindowScore, hotkey: string): ScoredResult => ({
  id: hotkey,
  taskId: task.id,
  taskType: task.kind,
  origin: task.origin,
  taskScore: score.taskScore,
  taskWeight: score.taskWeight,
  window: windowOf(ageDays),
});
