import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The labels by which a runner knows its containers; it never touches one without them. */
export const LABEL = Object.freeze({
  kind: "dev.gradients.kind",
  instance: "dev.gradients.instance",
  host: "dev.gradients.host",
  process: "dev.gradients.process",
  processStart: "dev.gradients.process-start",
  deadline: "dev.gradients.deadline",
  task: "dev.gradients.task",
});

export const KIND = "evaluator";

/** The process that containers belong to. */
export interface Owner {
  readonly instance: string;
  /** The container that it runs in, or else the machine and, on Linux, the namespace that process ids are counted in. */
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the system's own words: numbers of processes are used again. Empty where it does not tell. */
  readonly processStart: string;
}

/** This process, as the owner of what one runner starts. */
export function thisOwner(): Owner {
  return {
    instance: randomUUID(),
    // A container that is restarted has another namespace, and no process of the one before is left.
    host: containerIn(textOf("/proc/self/mountinfo")) ?? `${hostname()}/${processNamespace()}`,
    pid: process.pid,
    processStart: processStart(process.pid),
  };
}

/** The id of the Docker container that has these mounts: its name comes from a file of the daemon's. */
export const containerIn = (mountInfo: string): string | null =>
  /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(mountInfo)?.[1] ?? null;

/** @param deadline when the container is to be gone, whatever became of its owner. */
export function ownerLabels(owner: Owner, taskId: string, deadline: Date): Record<string, string> {
  return {
    [LABEL.kind]: KIND,
    [LABEL.instance]: owner.instance,
    [LABEL.host]: owner.host,
    [LABEL.process]: String(owner.pid),
    [LABEL.processStart]: owner.processStart,
    [LABEL.deadline]: deadline.toISOString(),
    [LABEL.task]: taskId,
  };
}

/**
 * Whether nobody is left who would remove a container with these labels: its owner's process is gone, or its deadline has
 * passed. Of processes on other machines only the deadline is known.
 */
export function isOrphan(labels: Readonly<Record<string, string>>, viewer: Owner, now: Date): boolean {
  if (labels[LABEL.kind] !== KIND || labels[LABEL.instance] === viewer.instance) return false;
  const deadline = Date.parse(labels[LABEL.deadline] ?? "");
  if (deadline <= now.getTime()) return true;
  if (labels[LABEL.host] !== viewer.host) return false;
  const pid = Number(labels[LABEL.process]);
  return Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid, labels[LABEL.processStart] ?? "");
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const current = processStart(pid);
  return current === "" || start === "" || current === start;
}

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** Field 22 of /proc/<pid>/stat, in ticks since the machine's start; the name before it may hold anything. */
function processStart(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

/** Empty where there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
