import { z } from "zod";
import type { JsonObject } from "../contract/index.ts";
import type { App } from "./app.ts";
import { runHooks } from "./hooks.ts";
import { scheduleSyntheticTasks } from "./synthetic/schedule-synthetic-tasks.ts";
import { fetchSubmission } from "./sources/fetch-submission.ts";
import { inspectSubmission } from "./submissions/inspect-submission.ts";
import { advanceTask } from "./tasks/advance-task.ts";
import { publishWeights } from "./weights/publish-weights.ts";

const taskJob = z.strictObject({ taskId: z.uuid() });
const submissionJob = z.strictObject({ submissionId: z.uuid() });

/** Job name -> what it does. Jobs only ring: rows and leases say what is left to do, so each is safe to repeat. */
const JOBS: Readonly<Record<string, (app: App, data: JsonObject) => Promise<void>>> = {
  advance: (app, data) => advanceTask(app, taskJob.parse(data).taskId),
  publishWeights: (app, data) => publishWeights(app, taskJob.parse(data).taskId),
  inspect: async (app, data) => {
    await inspectSubmission(app, submissionJob.parse(data).submissionId);
  },
  fetch: (app, data) => fetchSubmission(app, submissionJob.parse(data).submissionId),
  scheduleSynthetic: (app) => scheduleSyntheticTasks(app),
  hook: runHooks,
};

/** Does what a ringing job asks for. @throws Error for a job that nobody knows: a bug. */
export async function handleJob(app: App, job: { readonly name: string; readonly data: JsonObject }): Promise<void> {
  const work = JOBS[job.name];
  if (work === undefined) throw new Error(`there is no job ${job.name}`);
  await work(app, job.data);
}
