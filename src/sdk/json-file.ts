import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

const DRAFT = /\.[0-9a-f]{8}-[0-9a-f-]{27}\.tmp$/;

/** Writes JSON so that a reader, or a restart after a crash, sees the old content or the new one, never a part. */
export async function writeJsonFile(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // A name of its own each time: two writes at once must not rename each other's draft away.
  const draft = `${path}.${randomUUID()}.tmp`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(draft, path);
}

/** Removes the drafts of writes that a kill has cut off; nobody may be writing there now. */
export async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => DRAFT.test(one))) await rm(join(folder, name), { force: true });
}

/** The file's JSON as the schema has it, or undefined where there is no such file. @throws Error that names the file. */
export async function readJsonFile<Content>(path: string, schema: z.ZodType<Content>): Promise<Content | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new Error(`${path} is damaged: ${error instanceof z.ZodError ? z.prettifyError(error) : error.message}`, {
      cause: error,
    });
  }
}
