import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../is-alive.ts";

/** What a running server writes into its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; null when there is none, or it is not complete yet. */
export function readPostmasterFile(dataFolder: string): PostmasterFile | null {
  const lines = readLines(join(dataFolder, "postmaster.pid"));
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null;
  return { pid, port, ready: lines[7]?.trim() === "ready" };
}

/**
 * What holds that process number: `stranger` is another program that got it after a crash, or a dead process that nobody
 * has waited for (PostgreSQL takes both for a running server and refuses to start).
 */
export function whoHasPid(pid: number): "postmaster" | "stranger" | "nobody" {
  if (!isAlive(pid)) return "nobody";
  if (!existsSync("/proc/self/stat")) return "postmaster";
  // `pid (name) state …`; Z is a zombie.
  const [stat = ""] = readLines(`/proc/${pid}/stat`);
  return stat.includes("(postgres)") && !stat.includes(") Z ") ? "postmaster" : "stranger";
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}
