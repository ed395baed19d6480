import { isAbsolute, join, win32 } from "node:path";
import { EvaluationError } from "./protocol.ts";

/** A path of the session folder from a request; absolute paths and those that leave the folder are refused. */
export function sessionPath(folder: string, path: string): string {
  const escapes = path.split(/[/\\]/).includes("..");
  if (path === "" || path.includes("\0") || isAbsolute(path) || win32.isAbsolute(path) || escapes)
    throw new EvaluationError(
      "infrastructure",
      "BAD_PATH",
      `${JSON.stringify(path)} is not inside the session folder.`,
    );
  return join(folder, path);
}
