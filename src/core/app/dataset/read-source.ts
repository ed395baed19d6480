import { z } from "zod";
import type { JsonObject } from "../../contract/index.ts";
import { err, ok, type Result } from "../../domain/index.ts";
import type { App } from "../app.ts";

/** Where a task's rows are kept: a blob of JSON lines in the artefact store, put there when the task was created. */
export const datasetSource = z.strictObject({
  kind: z.literal("inline"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});
export type DatasetSource = z.output<typeof datasetSource>;

const rawRow = z.record(z.string(), z.json());

/** Reads the raw rows of a task's source, in their order. */
export async function readSource(app: App, source: DatasetSource): Promise<Result<readonly JsonObject[], string>> {
  const stream = await app.artifacts.open(source.sha256);
  if (stream === null) return err(`expected the dataset ${source.sha256} in the artefact store, found nothing`);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  return ok(lines.map((line) => rawRow.parse(JSON.parse(line))));
}
