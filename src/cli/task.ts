import { Option, type Command } from "commander";
import { randomUUID } from "node:crypto";
import { TASK_STATUSES } from "../core/domain/index.ts";
import {
  allNodes,
  CancelTaskDocument,
  createTask,
  TasksDocument,
  type GradientsClient,
  type TaskStatus,
  type TaskSummaryFragment,
} from "../sdk/index.ts";
import { clientOf, withConnection } from "./connection.ts";
import { findTask, taskLines, taskTable } from "./found-task.ts";
import { printJson, printLines } from "./output.ts";
import { addTaskDownloadCommand } from "./task-download.ts";
import { readTaskFile } from "./task-file.ts";
import { addTaskWatchCommand } from "./task-watch.ts";

const PAGE = 100;

interface Options {
  readonly json?: boolean;
  readonly idempotencyKey?: string;
  readonly status?: TaskStatus;
  readonly mine?: boolean;
}

const CREATE_HELP = `
The file: {"kind", "title", "baseModel": {"repo"}, "dataset": {"file": "rows.csv"}, "budgetSeconds", "spec"}. The dataset's
file lies beside it: .json, .jsonl, .csv, .parquet, or a .zip of pictures; instead of it {"rows": […]}, {"url"} or
{"huggingFace"}. docs/api.md has more, and gradients plugin list --json the options of each kind.

Example:
  gradients task create datasets/translate-names/task.json --api-key gr_…`;

/** `gradients task create | show | watch | download | list | cancel`. */
export function addTaskCommands(program: Command): void {
  const task = program.command("task").description("create tasks and look at them");

  withConnection(task.command("create <file>"))
    .description("post a task described in a JSON file")
    .option("--idempotency-key <key>", "repeat a call safely: the same key makes the same task")
    .addHelpText("after", CREATE_HELP)
    .action(async (file: string, options: Options) => {
      await using client = clientOf(options);
      const created = await createTask(client, await readTaskFile(file, options.idempotencyKey ?? randomUUID()));
      if (options.json === true) printJson(created);
      else printLines(`${created.id} ${created.status}`, `Follow it with: gradients task watch ${created.id}`);
    });

  withConnection(task.command("show <id>"))
    .description("a task's state and, once it is scored, its leaderboard")
    .addHelpText("after", "\nExample:\n  gradients task show 5f0c… --json")
    .action(async (id: string, options: Options) => {
      await using client = clientOf(options);
      const found = await findTask(client, id);
      if (options.json === true) printJson({ ...found.task, leaderboard: found.scored.leaderboard });
      else printLines(...taskLines(found));
    });

  addTaskWatchCommand(task);
  addTaskDownloadCommand(task);

  withConnection(task.command("list"))
    .description("tasks, newest first")
    .addOption(new Option("--status <status>", "only those in this state").choices(TASK_STATUSES))
    .option("--mine", "only those of the key's account")
    .addHelpText("after", "\nExample:\n  gradients task list --status TRAINING")
    .action(async (options: Options) => {
      await using client = clientOf(options);
      const tasks = await Array.fromAsync(allTasks(client, options));
      if (options.json === true) printJson(tasks);
      else printLines(...taskTable(tasks));
    });

  withConnection(task.command("cancel <id>"))
    .description("cancel a task that has not ended")
    .addHelpText("after", "\nExample:\n  gradients task cancel 5f0c… --api-key gr_…")
    .action(async (id: string, options: Options) => {
      await using client = clientOf(options);
      const { cancelTask } = await client.request(CancelTaskDocument, { input: { taskId: id } });
      if (options.json === true) printJson(cancelTask.task);
      else printLines(`${id} ${cancelTask.task?.status ?? ""}`);
    });
}

function allTasks(client: GradientsClient, { status, mine }: Options): AsyncGenerator<TaskSummaryFragment> {
  const filter = { ...(status === undefined ? {} : { status: [status] }), ...(mine === true ? { mine } : {}) };
  return allNodes(async (after) => (await client.request(TasksDocument, { first: PAGE, after, filter })).tasks);
}
