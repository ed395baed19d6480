import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Processes that work in this folder or name it in their command; empty where there is no /proc to look into. */
export function processesOf(folder: string): readonly string[] {
  return numbersIn("/proc").flatMap((pid) => {
    const command = readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    const here = command.includes(folder) || readLink(`/proc/${pid}/cwd`).startsWith(folder);
    return here && pid !== process.pid ? [`${pid}: ${command}`] : [];
  });
}

/** Names in /dev/shm of the shared memory that a process has mapped. */
export function sharedMemoryOf(pid: number): readonly string[] {
  const mapped = readText(`/proc/${pid}/maps`).matchAll(/\/dev\/shm\/(\S+)/g);
  return [...new Set([...mapped].map(([, name = ""]) => name))];
}

/** Shared memory that is there now. */
export function sharedMemory(): readonly string[] {
  return namesIn("/dev/shm");
}

const numbersIn = (folder: string): readonly number[] => namesIn(folder).map(Number).filter(Number.isInteger);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
