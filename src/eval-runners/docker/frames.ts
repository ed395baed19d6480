/** A piece of what a container printed. */
export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 8;

/**
 * Takes apart the stream of an attached container without a terminal: each frame has a header of 8 bytes (the stream's
 * number, three zeros, the length as a big-endian 32-bit number) and its bytes. Frames are passed on as they come, in
 * pieces: nothing is kept but a started header.
 *
 * @throws {Error} for what is no such stream.
 */
export async function* framesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const header = Buffer.alloc(HEADER_BYTES);
  let held = 0;
  let left = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + HEADER_BYTES - held);
        header.set(part, held);
        held += part.length;
        at += part.length;
        if (held < HEADER_BYTES) break;
        left = header.readUInt32BE(4);
        held = 0;
        continue;
      }
      const bytes = chunk.subarray(at, at + left);
      at += bytes.length;
      left -= bytes.length;
      yield { stream: streamOf(header[0]), bytes };
    }
  }
}

function streamOf(kind: number | undefined): Frame["stream"] {
  if (kind === 1) return "stdout";
  if (kind === 2) return "stderr";
  throw new Error(`the daemon sent a frame of the unknown stream ${kind}`);
}
