import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { OwnDevice } from "../../app/ports.ts";

const COMMAND = "nvidia-smi";
const ARGUMENTS = ["--query-gpu=uuid,name,memory.total", "--format=csv,noheader,nounits"] as const;
/** It hangs where a driver is broken. */
const ANSWERS_WITHIN_MS = 15_000;

const run = promisify(execFile);

/** The GPUs of this machine as NVIDIA's tool tells them; null where there is no tool, or it fails. */
export async function askNvidiaSmi(command: string = COMMAND): Promise<readonly OwnDevice[] | null> {
  try {
    const { stdout } = await run(command, ARGUMENTS, { timeout: ANSWERS_WITHIN_MS, killSignal: "SIGKILL" });
    return parseGpus(stdout);
  } catch {
    return null;
  }
}

/** Lines of "uuid, name, MiB"; what is no such line (a warning, a GPU that is gone) is left out. */
function parseGpus(text: string): readonly OwnDevice[] {
  return text.split("\n").flatMap((line): readonly OwnDevice[] => {
    const [, uuid, model, memory] = /^\s*(GPU-[\w-]+)\s*,\s*(.+?)\s*,\s*(\d+)\s*$/.exec(line) ?? [];
    return uuid && model && Number(memory) > 0 ? [{ kind: "gpu", uuid, model, memoryMiB: Number(memory) }] : [];
  });
}
