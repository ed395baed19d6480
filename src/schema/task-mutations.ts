import { z } from "zod";
import { cancelTask, failTask, retryEvaluation } from "../core/app/index.ts";
import { id } from "./input-shapes.ts";
import { defineMutation } from "./mutation.ts";
import { Task } from "./task.ts";

const payload = { task: () => Task };

/** Changes to tasks that are there already; each type's create mutation comes from the factory. */
export const TASK_MUTATIONS = [
  defineMutation({
    name: "cancelTask",
    description: "Ends a task that has not ended: its owner, or the operator. Nobody is charged.",
    input: z.strictObject({ taskId: id }),
    payload,
    run: ({ app, principal }, input) => cancelTask(app, principal, input),
    present: (task) => ({ task }),
  }),
  defineMutation({
    name: "retryEvaluation",
    description: "The operator lets a blocked task go on.",
    input: z.strictObject({ taskId: id }),
    payload,
    run: ({ app, principal }, input) => retryEvaluation(app, principal, input),
    present: (task) => ({ task }),
  }),
  defineMutation({
    name: "failTask",
    description: "The operator gives a task up, with a sentence for its owner.",
    input: z.strictObject({ taskId: id, message: z.string().min(1).max(1000) }),
    payload,
    run: ({ app, principal }, input) => failTask(app, principal, input),
    present: (task) => ({ task }),
  }),
] as const;
