import { existsSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../is-alive.ts";

const HALF_WRITTEN_MS = 2_000;

/** Where a running server writes its number. */
export const pidFile = (dataFolder: string): string => join(dataFolder, "postmaster.pid");

/** What a running server writes into its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; null when there is none, or it is not complete yet. */
export function readPostmasterFile(dataFolder: string): PostmasterFile | null {
  const lines = readLines(pidFile(dataFolder));
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null;
  return { pid, port, ready: lines[7]?.trim() === "ready" };
}

/**
 * What holds that process number: the server of this folder, or a `stranger`: another program that got the number after a
 * crash, the server of another folder included, or a dead process that nobody has waited for (PostgreSQL takes all of
 * these for a running server of its own and refuses to start).
 */
export function whoHasPid(pid: number, dataFolder: string): "postmaster" | "stranger" | "nobody" {
  if (!isAlive(pid)) return "nobody";
  if (!existsSync("/proc/self/cwd")) return "postmaster";
  return worksIn(pid, dataFolder) ? "postmaster" : "stranger";
}

/** A server works in its data folder; a dead process works nowhere. */
function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    return false;
  }
}

/** Whether the file was left half written by a crash: PostgreSQL fills it at once, and refuses to start beside such a one. */
export function isHalfWritten(dataFolder: string): boolean {
  const found = statSync(pidFile(dataFolder), { throwIfNoEntry: false });
  return found !== undefined && found.mtimeMs < Date.now() - HALF_WRITTEN_MS && readPostmasterFile(dataFolder) === null;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}
