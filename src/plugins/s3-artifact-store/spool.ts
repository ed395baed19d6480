import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** A stream on disk: its name in the store is known only now. */
export interface Spooled extends AsyncDisposable {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** sha256 of each piece of `partBytes`, the last one shorter; one of an empty stream. */
  readonly parts: readonly string[];
}

/**
 * Writes a stream to a temporary file while it is hashed, as a whole and by parts.
 *
 * @throws {RangeError} when more than `maxBytes` arrive; nothing is kept then.
 */
export async function spool(
  stream: Readable,
  { folder, maxBytes, partBytes }: { readonly folder: string; readonly maxBytes: number; readonly partBytes: number },
): Promise<Spooled> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomUUID()}.spool`);
  try {
    const written = await write(stream, path, maxBytes, partBytes);
    return { path, ...written, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function write(stream: Readable, path: string, maxBytes: number, partBytes: number) {
  const whole = createHash("sha256");
  const parts: string[] = [];
  let part = createHash("sha256");
  let bytes = 0;
  await using file = await open(path, "wx");
  // Leaving the loop by a throw destroys the stream, so nobody goes on sending.
  for await (const chunk of stream) {
    let data: Buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (bytes + data.byteLength > maxBytes)
      throw new RangeError(`expected at most ${maxBytes} bytes, more have arrived`);
    whole.update(data);
    await file.writeFile(data);
    while (data.byteLength > 0) {
      const piece = data.subarray(0, partBytes - (bytes % partBytes));
      part.update(piece);
      bytes += piece.byteLength;
      data = data.subarray(piece.byteLength);
      if (bytes % partBytes > 0) continue;
      parts.push(part.digest("hex"));
      part = createHash("sha256");
    }
  }
  if (bytes % partBytes > 0 || bytes === 0) parts.push(part.digest("hex"));
  return { bytes, sha256: whole.digest("hex"), parts };
}
