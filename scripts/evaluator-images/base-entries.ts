import { folderEntry, type ImageEntry, textEntry } from "./image-entry.ts";
import { SESSION_FOLDER } from "./image.ts";

/** What every image has: a place for temporary files, the session folder, and names for its users. */
export const BASE_ENTRIES: readonly ImageEntry[] = [
  // A tmpfs that is mounted here takes over this mode, whatever mode it was asked for with.
  folderEntry("/tmp", 0o1777),
  folderEntry(SESSION_FOLDER),
  textEntry("/etc/passwd", "root:x:0:0:root:/:/none\nevaluator:x:65532:65532:evaluator:/tmp:/none\n"),
  textEntry("/etc/group", "root:x:0:\nevaluator:x:65532:\n"),
];
