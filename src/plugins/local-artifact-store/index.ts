import { join } from "node:path";
import { z } from "zod";
import { defineArtifactStore, definePlugin } from "../../core/contract/index.ts";
import { createBlobFolder } from "./blob-folder.ts";

/** Keeps blobs as files named by their sha256 in a folder of this machine. */
export const localArtifactStore = defineArtifactStore({
  name: "local",
  options: z.strictObject({
    /** Absolute path; null takes the plugin's own data folder. */
    folder: z.string().min(1).nullable().default(null),
  }),
  create: (options, host) => createBlobFolder(options.folder ?? join(host.dataFolder, "blobs")),
});

export default definePlugin({ name: "local-artifact-store", version: "1.0.0", provides: [localArtifactStore] });
