import { join, relative } from "node:path";
import { RequestError } from "../errors.ts";
import { withRetries, type RetryOptions } from "../backoff.ts";
import type { GradientsClient } from "../client.ts";
import { downloadFolder } from "../download-folder.ts";
import { TaskFilesDocument } from "../generated/graphql.ts";
import { writeJsonFile } from "../json-file.ts";
import type { AssignmentState } from "./assignment-state.ts";

export interface WorkFolder {
  readonly client: GradientsClient;
  readonly state: AssignmentState;
  readonly folder: string;
  readonly baseFolder: string;
  /** Put into task.json for the trainer; null where the command knows by itself. */
  readonly strategy: unknown;
}

/** Fills the folder that a trainer gets: `task.json` and the task's files, each with the right sha256. @throws RequestError, ConnectionError */
export async function fillWorkFolder(work: WorkFolder, retry: RetryOptions): Promise<void> {
  const { client, state, folder, baseFolder, strategy } = work;
  await downloadFolder(
    { client, folder, files: state.files, renewUrl: ({ sha256 }) => freshUrl(work, sha256, retry) },
    retry,
  );
  const { taskId, assignmentId, kind, title, deadline, baseModel, rendering, columns, objective } = state;
  await writeJsonFile(join(folder, "task.json"), {
    taskId,
    assignmentId,
    kind,
    title,
    deadline,
    baseModel: { ...baseModel, path: relative(folder, baseFolder) },
    ...(baseModel.contextLength === null ? {} : { contextLength: baseModel.contextLength }),
    files: state.files.map(({ name, path, bytes, sha256 }) => ({ name, path, bytes, sha256 })),
    rendering,
    columns,
    objective,
    strategy,
  });
}

async function freshUrl({ client, state }: WorkFolder, sha256: string, retry: RetryOptions): Promise<string> {
  const ask = () => client.request(TaskFilesDocument, { id: state.taskId }, { signal: retry.signal });
  const { task } = await withRetries(ask, retry);
  const url = task?.splits.find((split) => split.sha256 === sha256)?.url;
  if (url === undefined || url === null)
    throw new RequestError("NOT_FOUND", "The server has no address for the task's file any more.");
  return url;
}
