import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ListedFile, SourceFault } from "../ports.ts";

/** Bytes from a source did not come as listed; the fault says whose it is. */
export class TransferError extends Error {
  readonly fault: SourceFault;
  constructor(fault: SourceFault) {
    super(fault.message);
    this.name = "TransferError";
    this.fault = fault;
  }
}

/** What bytes that are not the listed ones mean. */
export type OnMismatch = (message: string) => SourceFault;

/**
 * Passes a file's bytes on and ends well only if they are the listed ones: whoever keeps what ends well keeps nothing else.
 *
 * @param onDone gets the sha256 of the bytes.
 * @throws TransferError
 */
export async function* verified(
  body: Readable,
  { path, bytes, digest }: ListedFile,
  onMismatch: OnMismatch,
  onDone: (sha256: string) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const sha256 = createHash("sha256");
  // Git hashes a blob's length in front of its bytes.
  const sha1 = digest.kind === "git-sha1" ? createHash("sha1").update(`blob ${bytes}\0`) : null;
  let received = 0;
  for await (const chunk of readable(body, path)) {
    received += chunk.length;
    if (received > bytes) throw new TransferError(onMismatch(`expected ${bytes} bytes of ${path}, found more`));
    sha256.update(chunk);
    sha1?.update(chunk);
    yield chunk;
  }
  if (received !== bytes) throw new TransferError(onMismatch(`expected ${bytes} bytes of ${path}, found ${received}`));
  const hex = sha256.digest("hex");
  const found = sha1 === null ? hex : sha1.digest("hex");
  if (found !== digest.hex)
    throw new TransferError(onMismatch(`expected ${digest.kind} ${digest.hex} of ${path}, found ${found}`));
  onDone(hex);
}

async function* readable(body: Readable, path: string): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `the connection broke while ${path} came: ${reason}`;
        throw new TransferError({ blame: "infrastructure", code: "SOURCE_UNREACHABLE", message });
      });
      if (done) return;
      yield value;
    }
  } finally {
    body.destroy();
  }
}
