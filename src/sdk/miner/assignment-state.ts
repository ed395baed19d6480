import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile, removeDrafts, writeJsonFile } from "../json-file.ts";

/**
 * How far a miner is with an assignment. MADE: the model folder is complete. SEALED: nothing is left to do but wait.
 * SCORED, CANCELLED and FAILED are the ends.
 */
export const ASSIGNMENT_STAGES = ["ASSIGNED", "MADE", "SEALED", "SCORED", "CANCELLED", "FAILED"] as const;
export type AssignmentStage = (typeof ASSIGNMENT_STAGES)[number];

const assignmentState = z.object({
  stage: z.enum(ASSIGNMENT_STAGES),
  assignmentId: z.string(),
  taskId: z.string(),
  kind: z.string(),
  title: z.string(),
  deadline: z.string(),
  baseModel: z.object({
    repo: z.string(),
    revision: z.string(),
    parameterCount: z.number(),
    contextLength: z.number().nullable(),
  }),
  files: z.array(
    z.object({ name: z.string(), path: z.string(), bytes: z.number(), sha256: z.string(), url: z.string() }),
  ),
  rendering: z.unknown(),
  columns: z.unknown(),
  objective: z.unknown(),
  /** Grows when an upload can't be continued and a new one is made. */
  uploads: z.number().int(),
});

/** What a miner remembers of an assignment between runs. */
export type AssignmentState = z.output<typeof assignmentState>;

const ENDS: ReadonlySet<AssignmentStage> = new Set(["SCORED", "CANCELLED", "FAILED"]);

export const isOver = ({ stage }: Pick<AssignmentState, "stage">): boolean => ENDS.has(stage);

/** Assignments on disk, a folder each: `assignment.json` beside the `work` folder that the trainer gets. */
export interface AssignmentFolder {
  workFolder(assignmentId: string): string;
  load(assignmentId: string): Promise<AssignmentState | null>;
  /** All of them, in the order of their ids. */
  loadAll(): Promise<readonly AssignmentState[]>;
  save(state: AssignmentState): Promise<void>;
  /** Removes what a killed process has left half written: before any work. */
  tidy(): Promise<void>;
  /**
   * Changes fields of what is on disk, one change after the other: an assignment's work moves the stage while events
   * move the deadline, and neither may write back what it has read of the other's. Null where there is no such assignment.
   */
  change(assignmentId: string, fields: ChangingFields): Promise<AssignmentState | null>;
}

type ChangingFields = Partial<Pick<AssignmentState, "stage" | "deadline" | "uploads">>;

/** The assignments below a folder, which need not exist yet. */
export function assignmentFolder(root: string): AssignmentFolder {
  const file = (assignmentId: string): string => join(root, assignmentId, "assignment.json");
  const load = async (assignmentId: string): Promise<AssignmentState | null> =>
    (await readJsonFile(file(assignmentId), assignmentState)) ?? null;
  const save = (state: AssignmentState): Promise<void> => writeJsonFile(file(state.assignmentId), state);
  let last: Promise<unknown> = Promise.resolve();
  const apply = async (assignmentId: string, fields: ChangingFields): Promise<AssignmentState | null> => {
    const state = await load(assignmentId);
    if (state === null) return null;
    const changed = { ...state, ...fields };
    await save(changed);
    return changed;
  };
  return {
    workFolder: (assignmentId) => join(root, assignmentId, "work"),
    load,
    loadAll: async () => {
      const names = await readdir(root).catch(() => []);
      const states = await Promise.all(names.sort().map(load));
      return states.filter((state) => state !== null);
    },
    save,
    tidy: async () => {
      for (const name of await readdir(root).catch(() => [])) await removeDrafts(join(root, name));
    },
    change: (assignmentId, fields) => {
      const change = last.then(() => apply(assignmentId, fields));
      // A change that fails is its caller's to hear of; the next one does not depend on it.
      last = change.catch(() => undefined);
      return change;
    },
  };
}
