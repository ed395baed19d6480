import type { Command } from "commander";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  downloadFolder,
  present,
  TaskResultDocument,
  type GradientsClient,
  type SignedFile,
  type TaskResultQuery,
} from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { clientOf, withConnection } from "./connection.ts";
import { noTask } from "./found-task.ts";
import { listenForInterruption } from "./interruption.ts";
import { printJson, printLines } from "./output.ts";

type ResultTask = NonNullable<TaskResultQuery["task"]>;

interface ResultFile extends SignedFile {
  readonly bytes: number;
}

/** The winner of a task, with links that work for a while. */
interface Winner extends Pick<ResultTask, "baseModel">, Omit<NonNullable<ResultTask["result"]>, "files"> {
  readonly files: readonly ResultFile[];
}

interface Options {
  readonly to?: string;
  readonly json?: boolean;
}

const RETRIES = 5;

const HELP = `
Each file is checked against its sha256; what is there already is kept, so that a download that broke off goes on with the
file where it did. The folder is in the layout of Hugging Face (docs/api.md says how to load it).

Example:
  gradients task download 5f0c… --to my-model`;

/** `gradients task download`: the winner's files. */
export function addTaskDownloadCommand(task: Command): void {
  withConnection(task.command("download <id>"))
    .description("download the winning model of a scored task")
    .option("--to <folder>", "where to; by default a folder that is called like the task's id")
    .addHelpText("after", HELP)
    .action(async (id: string, options: Options) => {
      await using client = clientOf(options);
      using interruption = listenForInterruption();
      const { baseModel, artifactKind, submission, files } = await findWinner(client, id);
      const folder = resolve(options.to ?? id);
      await refuseOtherFiles(folder, files);
      const fresh = async ({ path }: ResultFile): Promise<string> => {
        const again = await findWinner(client, id);
        return present(again.files.find((file) => file.path === path)?.url, "file");
      };
      await downloadFolder(
        { client, folder, files, renewUrl: fresh, onBytes: showProgress },
        { retries: RETRIES, signal: interruption.signal },
      );
      const kept = files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
      if (options.json === true) printJson({ taskId: id, folder, artifactKind, baseModel, submission, files: kept });
      else
        printLines(
          `${folder} has the winner, ${files.length} files with the right sha256:`,
          `a ${artifactKind} model, made of ${baseModel.repo} at revision ${baseModel.revision}.`,
          ...shownBy(submission).map(({ name, url }) => `Its ${name}: ${new URL(url, client.url).href}`),
        );
    });
}

async function findWinner(client: GradientsClient, id: string): Promise<Winner> {
  const { task } = await client.request(TaskResultDocument, { id });
  if (task === null) throw noTask(id);
  const { baseModel, result, status } = task;
  if (result !== null)
    return { ...result, baseModel, files: result.files.map((file) => ({ ...file, url: present(file.url, "url") })) };
  throw new CommandError(
    status === "SCORED"
      ? `The winner of task ${id} is for its owner and the operator: give the key of one of them with --api-key.`
      : `Task ${id} is ${status}, and only a SCORED one has a winner: see gradients task watch ${id}.`,
  );
}

/** Files that show what the model does, such as a contact sheet; their links end after a while. */
const shownBy = ({ evaluation }: Winner["submission"]): readonly { readonly name: string; readonly url: string }[] =>
  (evaluation?.attachments ?? []).flatMap(({ name, url }) => (url === null ? [] : [{ name, url }]));

/** A folder that holds something else would be a mixture of two models. */
async function refuseOtherFiles(folder: string, files: readonly ResultFile[]): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const known = new Set(files.flatMap(({ path }) => [join(folder, path), join(folder, `${path}.part`)]));
  const other = entries.find((entry) => entry.isFile() && !known.has(join(entry.parentPath, entry.name)));
  if (other !== undefined)
    throw new CommandError(`${folder} has other files already, such as ${other.name}: give an empty folder with --to.`);
}

/** On a terminal how far each file is, elsewhere a line for each that is there. */
function showProgress({ path, bytes }: ResultFile, received: number): void {
  const terminal = process.stderr.isTTY;
  const done = received === bytes;
  if (!terminal && !done) return;
  const line = `${path}  ${received.toLocaleString("en")} of ${bytes.toLocaleString("en")} bytes`;
  process.stderr.write(`${terminal ? "\r" : ""}${line}${done ? "\n" : ""}`);
}
