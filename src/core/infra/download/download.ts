import type { IncomingMessage } from "node:http";
import { fail, type AppResult } from "../../app/errors.ts";
import type { Download } from "../../app/ports.ts";
import { InfrastructureError } from "../../contract/index.ts";
import { ok } from "../../domain/index.ts";
import { isBusy } from "./is-busy.ts";
import { GateError, openUrl, publicGate } from "./open-url.ts";

/**
 * Downloads over https from the public internet.
 *
 * @throws InfrastructureError where a server or the way to it failed: the same request may work later.
 */
export const download: Download = async (url, { maxBytes, timeoutMs }, signal) => {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await readAnswer(await openUrl(url, publicGate, limited), maxBytes);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GateError) return fail("DATASET_UNREADABLE", error.message);
    if (error instanceof InfrastructureError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InfrastructureError("DATASET_UNREACHABLE", `the download failed: ${reason}`, { cause: error });
  }
};

/** All bytes of an answer, as they were sent. @throws InfrastructureError where the server is busy. */
export async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<AppResult<Uint8Array>> {
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    answer.destroy();
    const message = `expected the answer 200, found ${status}`;
    if (isBusy(status)) throw new InfrastructureError("DATASET_UNREACHABLE", message);
    return fail("DATASET_UNREADABLE", message);
  }
  const { "content-encoding": packed = "identity", "content-length": announced } = answer.headers;
  if (packed !== "identity" || Number(announced) > maxBytes) answer.destroy();
  // Some servers pack what they were asked not to; nothing here unpacks more than it was told to expect.
  if (packed !== "identity")
    return fail("DATASET_UNREADABLE", `expected the file as it is, found it packed by its server (${packed})`);
  if (Number(announced) > maxBytes)
    return fail("DATASET_TOO_LARGE", `expected at most ${maxBytes} bytes, found ${announced}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return fail("DATASET_TOO_LARGE", `expected at most ${maxBytes} bytes, found more`);
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}
