import { copyFile, cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { trainerCommand, type MakeModel, type Slots } from "../../sdk/index.ts";
import { inPackage } from "../package-root.ts";
import { deriveInteger } from "./demo-seed.ts";
import type { Place } from "./demo-file.ts";

/** The files of a base model's folder that belong to the model. */
const MODEL_FILES = /^(config|tokenizer|tokenizer_config|special_tokens_map)\.json$|\.safetensors$/;

/** What miners of one operator hand over to each other outside the platform: the model folder, once it is sealed. */
export interface HandOver {
  /** Called by the miner whose model it is, with its work folder, before it uploads. */
  made(name: string, folder: string): void;
  sealed(name: string): void;
  failed(name: string): void;
  /** Waits for the seal event of another miner and returns its model folder. */
  modelOf(name: string, signal: AbortSignal): Promise<string>;
}

/** A private channel between accounts of one operator. */
export function createHandOver(): HandOver {
  const folders = new Map<string, string>();
  const seals = new Map<string, PromiseWithResolvers<void>>();
  const sealOf = (name: string): PromiseWithResolvers<void> => {
    const seal = seals.get(name) ?? Promise.withResolvers<void>();
    seal.promise.catch(() => undefined);
    seals.set(name, seal);
    return seal;
  };
  return {
    made: (name, folder) => folders.set(name, join(folder, "model")),
    sealed: (name) => sealOf(name).resolve(),
    failed: (name) => sealOf(name).reject(new Error(`${name} has no model to hand over.`)),
    modelOf: async (name, signal) => {
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      try {
        await Promise.race([sealOf(name).promise, aborted.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
      const folder = folders.get(name);
      if (folder === undefined) throw new Error(`${name} has no model to hand over.`);
      return folder;
    },
  };
}

/** How a demo miner comes by its model. */
export function makeModelOf(
  { name, role }: Place,
  options: {
    readonly seed: string;
    /** Null: the embedded one. */
    readonly trainer: string | null;
    readonly trainers: Slots;
    readonly handOver: HandOver;
  },
): MakeModel {
  const { seed, trainer, trainers, handOver } = options;
  switch (role.kind) {
    case "trainer": {
      const strategy = { ...role.strategy, seed: deriveInteger(seed, "training", name) };
      const train = trainerCommand(
        [process.execPath, trainer ?? inPackage("dist", "evaluators", "embedded", "train.js")],
        strategy,
        trainers,
      );
      return async (order) => {
        await train(order);
        handOver.made(name, order.folder);
      };
    }
    case "copier":
      return async ({ folder, signal }) => {
        await cp(await handOver.modelOf(role.of, signal), join(folder, "model"), { recursive: true });
      };
    case "untouched":
      return async ({ folder, baseFolder }) => {
        const model = join(folder, "model");
        await mkdir(model, { recursive: true });
        const files = (await readdir(baseFolder)).filter((file) => MODEL_FILES.test(file));
        await Promise.all(files.map((file) => copyFile(join(baseFolder, file), join(model, file))));
      };
  }
}
