import type { App } from "../app.ts";

/** Uploads that are completed while they expire have ended long before this. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Blobs that somebody has brought since are left alone, also where no row names them yet. */
const FRESH_MS = 60 * 60 * 1000;
const MOST_AT_ONCE = 100;

/**
 * Removes the files of uploads that were never sealed, and of sources that were refused in the middle, from the artefact
 * store, unless something else names the same bytes. Whoever announces files waits for a removal of the same, and sends
 * them after it, so nothing that is named is ever removed. Safe at any moment, any number of times.
 */
export async function clearUnsealed(app: App): Promise<void> {
  const ended = { lt: new Date(app.clock.now().getTime() - KEPT_MS) };
  const limit = { limit: MOST_AT_ONCE } as const;
  const uploads = await app.store.find("uploads", { status: "REJECTED", expiresAt: ended }, limit);
  for (const { id, files } of uploads) {
    for (const { sha256 } of files) await clear(app, sha256);
    await app.store.transaction((tx) => tx.update("uploads", { id, status: "REJECTED" }, { status: "CLEARED" }));
  }
  const refused = { status: { in: ["REFUSED", "CANCELLED"] }, dueAt: ended } as const;
  for (const { submissionId, stored } of await app.store.find("sourceFetches", refused, limit)) {
    for (const sha256 of stored) await clear(app, sha256);
    await app.store.transaction((tx) => tx.update("sourceFetches", { submissionId }, { status: "CLEARED" }));
  }
}

async function clear(app: App, sha256: string): Promise<void> {
  await app.store.transaction(async (tx) => {
    await tx.lockBlobs([sha256], { alone: true });
    if (await tx.isBlobNamed(sha256)) return;
    await app.artifacts.remove(sha256, { putBefore: new Date(app.clock.now().getTime() - FRESH_MS) });
  });
}
