import { Readable } from "node:stream";
import { err, ok, type Result } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Lease, ListedFile, SourceFault } from "../ports.ts";
import type { SourceFetchRecord, UploadFile } from "../records.ts";
import { modelFilesProblem } from "../uploads/model-files-problem.ts";
import { manifestDigest } from "./manifest-digest.ts";
import { TransferError, verified, type OnMismatch } from "./verified-stream.ts";

/** After so many times it is the source that holds other bytes than it lists, not the way. */
const MISMATCHES_BELIEVED = 2;

/**
 * Lists a source, checks the list, freezes the manifest, and streams every file into the artefact store. What an earlier
 * attempt stored is not fetched again; what was frozen must still be there.
 *
 * @throws what the artefact store or the database throws, and the signal's reason.
 */
export async function fetchFiles(
  app: App,
  lease: Lease,
  fetch: SourceFetchRecord,
  signal: AbortSignal,
): Promise<Result<readonly UploadFile[], SourceFault>> {
  const { source, submissionId } = fetch;
  const listed = await app.sources.list(source, signal);
  if (!listed.ok) return listed;
  const problem = modelFilesProblem(app.settings.uploads, listed.value);
  if (problem !== null) return err({ blame: "miner", code: "SOURCE_REFUSED", message: problem.message });
  const onMismatch = mismatchOf(fetch);
  try {
    const files = fetch.files ?? (await readDigests(app, fetch, listed.value, onMismatch, signal));
    const changed = changeOf(fetch, files, listed.value);
    if (changed !== null) return err({ blame: "miner", code: "SOURCE_CHANGED", message: changed });
    // Named before they are stored: what no row names may be cleared away.
    await note(app, lease, submissionId, { files });
    const stored = new Set(fetch.stored);
    for (const file of files) {
      if (stored.has(file.sha256)) continue;
      const body = await open(app, fetch, file.path, signal);
      const expected: ListedFile = { ...file, digest: { kind: "sha256", hex: file.sha256 } };
      await app.artifacts.put(Readable.from(verified(body, expected, onMismatch)), { maxBytes: file.bytes });
      stored.add(file.sha256);
      await note(app, lease, submissionId, { stored: [...stored] });
    }
    return ok(files);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransferError) return err(error.fault);
    throw error;
  }
}

/** Of files that git itself holds, small ones, the sha256 is known only when they were read. */
async function readDigests(
  app: App,
  fetch: SourceFetchRecord,
  listed: readonly ListedFile[],
  onMismatch: OnMismatch,
  signal: AbortSignal,
): Promise<readonly UploadFile[]> {
  const files: UploadFile[] = [];
  for (const file of listed) {
    const { path, bytes, digest } = file;
    let sha256 = digest.hex;
    if (digest.kind !== "sha256") {
      const body = await open(app, fetch, path, signal);
      for await (const _ of verified(body, file, onMismatch, (found) => (sha256 = found))) signal.throwIfAborted();
    }
    files.push({ path, bytes, sha256 });
  }
  return files;
}

async function open(app: App, { source }: SourceFetchRecord, path: string, signal: AbortSignal): Promise<Readable> {
  const body = await app.sources.open(source, path, signal);
  if (!body.ok) throw new TransferError(body.error);
  return body.value;
}

/** In what a source differs from what was frozen or sealed; null where it is the same. */
function changeOf(
  { source }: SourceFetchRecord,
  files: readonly UploadFile[],
  listed: readonly ListedFile[],
): string | null {
  for (const file of files) {
    const now = listed.find(({ path }) => path === file.path);
    if (now?.bytes !== file.bytes || (now.digest.kind === "sha256" && now.digest.hex !== file.sha256))
      return `${file.path} is not what it was when it was first listed`;
  }
  if (listed.length !== files.length) return `expected ${files.length} files as first listed, found ${listed.length}`;
  if (source.kind !== "HUGGING_FACE" || source.manifestDigest === null) return null;
  const found = manifestDigest(files);
  return found === source.manifestDigest ? null : `expected the manifest ${source.manifestDigest}, found ${found}`;
}

/** Whoever signed a link answers for the bytes behind it; a hub that hands out others than it lists is asked again first. */
function mismatchOf({ source, attempts }: SourceFetchRecord): OnMismatch {
  return (message) =>
    source.kind === "S3" || attempts >= MISMATCHES_BELIEVED
      ? { blame: "miner", code: "SOURCE_CHANGED", message }
      : { blame: "infrastructure", code: "SOURCE_CORRUPT", message };
}

function note(app: App, lease: Lease, submissionId: string, patch: Partial<SourceFetchRecord>): Promise<void> {
  return app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    const named = (patch.files ?? []).map(({ sha256 }) => sha256);
    await tx.lockBlobs(named, { alone: false });
    await tx.update("sourceFetches", { submissionId }, patch);
  });
}
