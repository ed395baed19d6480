import { on } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { JsonObject } from "../../contract/index.ts";
import type { ParquetAnswer, ParquetRequest } from "./parquet-thread.ts";
import { toRawRow } from "./raw-row.ts";
import { TooLarge } from "./too-large.ts";
import { takeTurns } from "./turns.ts";

const MEMORY_MIB = 2048;
const LONGEST_MS = 10 * 60_000;

/**
 * Rows of a Parquet file. A file of a few bytes can have its reader count for years or ask for all memory there is, so it
 * is read in a thread that has limits and can be ended.
 *
 * @throws {TooLarge}
 * @throws {Error} that says what is wrong with the file, or the signal's reason.
 */
export async function readParquet(
  bytes: Buffer,
  { maxRows, maxBytes, signal }: Omit<ParquetRequest, "bytes"> & { readonly signal?: AbortSignal },
): Promise<readonly JsonObject[]> {
  const request: ParquetRequest = { bytes, maxRows, maxBytes };
  const worker = new Worker(new URL(`./parquet-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
    env: {},
  });
  const limit = AbortSignal.timeout(LONGEST_MS);
  const rows: JsonObject[] = [];
  const rest = takeTurns(signal);
  try {
    for await (const [answer] of on(worker, "message", { signal: signal ? AbortSignal.any([signal, limit]) : limit })) {
      const said: ParquetAnswer = answer;
      if (said.kind === "end") break;
      if (said.kind === "tooLarge") throw new TooLarge(said.message);
      if (said.kind === "error") throw new Error(`it is damaged, or of a kind that is not known: ${said.message}`);
      for (const row of said.rows) {
        rows.push(toRawRow(row, rows.length));
        await rest();
      }
    }
    return rows;
  } catch (error) {
    if (limit.aborted) throw new Error(`it took longer than ${LONGEST_MS / 60_000} minutes`, { cause: error });
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")
      throw new Error(`it takes more than ${MEMORY_MIB} MiB of memory`, { cause: error });
    throw error;
  } finally {
    await worker.terminate();
  }
}
