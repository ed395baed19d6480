import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { AppendOutcome, UploadParts, UploadPiece } from "../../app/ports.ts";
import { createTurns } from "./turns.ts";

const UPLOAD_ID = /^[0-9a-f-]{36}$/;

/** Keeps parts as `<folder>/<uploadId>/<index>.part`: a part's length is all there is to know about its progress. */
export function createUploadParts(folder: string): UploadParts {
  const turns = createTurns();
  const folderOf = (uploadId: string): string => {
    // Ids are made here and looked up before they get here; a path must not depend on that.
    if (!UPLOAD_ID.test(uploadId)) throw new RangeError("an upload id is a uuid");
    return join(folder, uploadId);
  };
  const partOf = (uploadId: string, index: number): string => join(folderOf(uploadId), `${Math.trunc(index)}.part`);
  const drop = (uploadId: string, index: number) => rm(partOf(uploadId, index), { force: true });

  return {
    received: (uploadId, index) => sizeOf(partOf(uploadId, index)),
    append: (uploadId, index, piece) =>
      turns.next(`${uploadId}/${index}`, async (signal) => {
        await mkdir(folderOf(uploadId), { recursive: true });
        return appendPiece(partOf(uploadId, index), piece, signal);
      }),
    async sha256(uploadId, index) {
      const hash = createHash("sha256");
      await pipeline(createReadStream(partOf(uploadId, index)), hash);
      return hash.digest("hex");
    },
    async read(uploadId, index) {
      // Opened here, so that a part that is gone rejects this call; a stream that nobody reads yet would end the process.
      return (await open(partOf(uploadId, index))).createReadStream();
    },
    drop,
    dropUpload: (uploadId) => rm(folderOf(uploadId), { recursive: true, force: true }),
    async list() {
      const names = await readdir(folder).catch(noneWhereMissing);
      return names.filter((name) => UPLOAD_ID.test(name));
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

async function appendPiece(path: string, piece: UploadPiece, signal: AbortSignal): Promise<AppendOutcome> {
  const start = await sizeOf(path);
  if (piece.offset !== start) return { status: "wrong-offset", received: start };
  const file = await open(path, "a");
  try {
    const outcome = await writeBody(file, piece, signal);
    if (outcome.status === "too-long") await file.truncate(start);
    await file.sync();
    return outcome.status === "too-long" ? { status: "too-long", received: start } : outcome;
  } finally {
    await file.close();
  }
}

/** What reading the body comes to when another connection takes the part over. */
const CUT_OFF = Symbol("another connection sends this part");

async function writeBody(file: FileHandle, piece: UploadPiece, signal: AbortSignal): Promise<AppendOutcome> {
  const { promise: cutOff, resolve: cut } = Promise.withResolvers<typeof CUT_OFF>();
  const onAbort = (): void => cut(CUT_OFF);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  // The body outlives a cut: with it destroyed, its sender would get a closed connection instead of an answer.
  const chunks = piece.body.iterator({ destroyOnReturn: false });
  let received = piece.offset;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), cutOff]);
      if (next === CUT_OFF) return { status: "taken-over", received };
      if (next.done) return { status: "appended", received };
      const bytes = Buffer.from(next.value);
      if (received + bytes.length > piece.maxBytes) return { status: "too-long", received };
      await writeAll(file, bytes);
      received += bytes.length;
    }
  } catch (error) {
    // A broken connection is the sender's and resumes; a failing disk is ours and must be seen.
    if (piece.body.errored === null && codeOf(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    return { status: "broken", received };
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

function noneWhereMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
