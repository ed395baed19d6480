import type { Settings } from "../settings.ts";
import { ALLOWED_FILES, isAllowedFileName } from "./file-names.ts";

/** Why files can't make a model, before a byte of them is read. */
export interface ModelFilesProblem {
  readonly code: "UPLOAD_FILE_REFUSED" | "UPLOAD_TOO_LARGE";
  readonly message: string;
  /** The file it is about; null where it is about all of them. */
  readonly index: number | null;
}

/** Count, names and sizes of a model's files; null where nothing is wrong with them. */
export function modelFilesProblem(
  { maxFiles, maxBytes }: Settings["uploads"],
  files: readonly { readonly path: string; readonly bytes: number }[],
): ModelFilesProblem | null {
  const refuse = (message: string, index: number | null = null): ModelFilesProblem => ({
    code: "UPLOAD_FILE_REFUSED",
    message,
    index,
  });
  // First of all: whatever follows looks at each of them.
  if (files.length < 1 || files.length > maxFiles)
    return refuse(`expected 1 to ${maxFiles} files, found ${files.length}`);
  const seen = new Set<string>();
  for (const [index, { path, bytes }] of files.entries()) {
    if (!isAllowedFileName(path))
      return refuse(`expected ${ALLOWED_FILES}; found ${JSON.stringify(path.slice(0, 100))}`, index);
    if (seen.has(path)) return refuse(`expected each file once, found ${path} twice`, index);
    if (bytes < 1) return refuse(`expected files with at least one byte, found ${path} empty`, index);
    seen.add(path);
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= maxBytes) return null;
  const message = `expected at most ${maxBytes} bytes in all files together, found ${total}`;
  return { code: "UPLOAD_TOO_LARGE", message, index: null };
}
