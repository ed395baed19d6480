import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactKind } from "../generated/graphql.ts";
import type { Progress } from "./progress.ts";
import type { Slots } from "./slots.ts";
import { runTrainer, TrainerError } from "./trainer-process.ts";

/** What a model maker gets: a folder with `task.json` and `data`, and the base model. */
export interface ModelOrder {
  readonly taskId: string;
  /** Of the task: what suits one kind need not suit another. */
  readonly kind: string;
  readonly folder: string;
  readonly baseFolder: string;
  readonly onProgress: (progress: Progress) => void;
  /** Aborted when the task is cancelled, its deadline passes, or the miner stops. */
  readonly signal: AbortSignal;
}

/** Leaves `<folder>/model` behind. @throws where it can't: the failure is reported and the assignment is over. */
export type MakeModel = (order: ModelOrder) => Promise<void>;

/** Runs a command for each task: its last argument is the folder, and it prints a progress line now and then. */
export function trainerCommand(command: readonly [string, ...string[]], strategy: unknown, slots: Slots): MakeModel {
  return async ({ folder, onProgress, signal }) => {
    const [program, ...args] = command;
    const options = strategy === null ? [] : ["--strategy", JSON.stringify(strategy)];
    await slots.run(() => runTrainer({ command: [program, ...args, ...options, folder], onProgress, signal }), signal);
    await access(join(folder, "model")).catch(() => {
      throw new TrainerError(`The trainer ended without an error, but left no model in ${join(folder, "model")}.`);
    });
  };
}

/** A folder with an adapter's config is an adapter. */
export async function artifactKind(modelFolder: string): Promise<ArtifactKind> {
  return access(join(modelFolder, "adapter_config.json")).then(
    () => "LORA" as const,
    () => "FULL" as const,
  );
}
