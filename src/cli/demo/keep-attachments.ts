import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TaskAttachmentsDocument, type GradientsClient } from "../../sdk/index.ts";
import { CommandError } from "../command-error.ts";

/** A file that shows something of a miner's evaluated model, such as a contact sheet of pictures. */
export interface KeptAttachment {
  readonly miner: string;
  readonly name: string;
  readonly path: string;
}

/** Downloads the attachments of all evaluations of a task as its customer, to `<folder>/<prefix>-<miner>-<name>`. */
export async function keepAttachments(
  client: GradientsClient,
  taskId: string,
  { folder, prefix }: { readonly folder: string; readonly prefix: string },
): Promise<readonly KeptAttachment[]> {
  const { task } = await client.request(TaskAttachmentsDocument, { id: taskId });
  const kept: KeptAttachment[] = [];
  for (const { miner, submission } of task?.leaderboard ?? []) {
    for (const { name, url } of submission?.evaluation?.attachments ?? []) {
      if (url === null) continue;
      const response = await client.fetch(new URL(url, client.url));
      if (!response.ok) throw new CommandError(`The server did not give ${name} of ${miner.name}: ${response.status}.`);
      const path = join(folder, `${prefix}-${miner.name}-${name}`);
      await mkdir(folder, { recursive: true });
      await writeFile(path, await response.bytes());
      kept.push({ miner: miner.name, name, path });
    }
  }
  return kept;
}
