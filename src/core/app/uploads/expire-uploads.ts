import type { App } from "../app.ts";

/** Ends uploads whose time is over and removes parts that belong to no open upload. Safe at any moment, any number of times. */
export async function expireUploads(app: App): Promise<void> {
  const unsealed = { status: { in: ["OPEN", "COMPLETE"] }, expiresAt: { lte: app.clock.now() } } as const;
  await app.store.transaction((tx) => tx.update("uploads", unsealed, { status: "REJECTED" }));
  for (const uploadId of await app.uploadParts.list()) {
    const upload = await app.store.findOne("uploads", { id: uploadId });
    if (upload?.status !== "OPEN") await app.uploadParts.dropUpload(uploadId);
  }
}
