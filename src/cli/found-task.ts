import {
  TaskDocument,
  TaskLeaderboardDocument,
  type GradientsClient,
  type TaskLeaderboardQuery,
  type TaskQuery,
  type TaskSummaryFragment,
} from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { leaderboardLines } from "./leaderboard-lines.ts";
import { tableLines, type Column } from "./output.ts";

const columns: readonly Column<TaskSummaryFragment>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "KIND", cell: ({ kind }) => kind },
  {
    title: "STATUS",
    cell: ({ status, blocked }) => (blocked === null ? status : `${status} (blocked: ${blocked.code})`),
  },
  { title: "BASE", cell: ({ baseModel }) => baseModel.repo },
  { title: "ROWS", align: "right", cell: ({ datasetRows }) => String(datasetRows ?? "-") },
  { title: "TITLE", cell: ({ title }) => title },
];

/** Tasks as a table. */
export const taskTable = (tasks: readonly TaskSummaryFragment[]): readonly string[] => tableLines(tasks, columns);

/** A task and what it came to. */
export interface FoundTask {
  readonly task: NonNullable<TaskQuery["task"]>;
  readonly scored: NonNullable<TaskLeaderboardQuery["task"]>;
}

/** The task with this id. @throws CommandError where there is none */
export async function findTask(client: GradientsClient, id: string): Promise<FoundTask> {
  const [{ task }, { task: scored }] = await Promise.all([
    client.request(TaskDocument, { id }),
    client.request(TaskLeaderboardDocument, { id }),
  ]);
  if (task === null || scored === null) throw noTask(id);
  return { task, scored };
}

/** What to say where there is no task with this id. */
export const noTask = (id: string): CommandError =>
  new CommandError(`There is no task ${id}: gradients task list shows those that there are.`);

/** A task's state, why it failed or waits, and its leaderboard, as lines of text. */
export function taskLines({ task, scored }: FoundTask): readonly string[] {
  const { failure, blocked } = task;
  const board = leaderboardLines(scored);
  return [
    ...taskTable([task]),
    ...(failure === null ? [] : ["", `${failure.code} during ${failure.stage}: ${failure.message}`]),
    ...(blocked === null ? [] : ["", `${blocked.code} since ${blocked.since}: ${blocked.message}`]),
    ...(board.length === 0 ? [] : ["", ...board]),
  ];
}
