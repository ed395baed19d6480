import { createHash } from "node:crypto";
import { cp, mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import {
  createKeyPair,
  createSlots,
  runMiner,
  trainerCommand,
  type MakeModel,
  type MinerEvent,
} from "../../src/sdk/index.ts";
import { QUICKLY, type MinerName } from "./small-world.ts";

/** A few real steps: enough for losses that differ. */
const STRATEGIES: Readonly<Record<MinerName, object>> = {
  ada: { method: "full", learningRate: 3e-3, batchSize: 4, steps: 4, seed: 1 },
  ben: { method: "lora", rank: 2, alpha: 4, learningRate: 1e-2, batchSize: 4, steps: 3, seed: 2 },
  cleo: { method: "full", learningRate: 1e-4, batchSize: 4, steps: 2, seed: 3 },
};

/** Changes how the miner of that name comes by its model; `usual` is how it does otherwise. */
export type WrapMaker = (miner: MinerName, usual: MakeModel) => MakeModel;

export interface MinerAtWork {
  readonly name: string;
  readonly registered: Promise<void>;
  /** Everything that it was told, in order. */
  readonly events: readonly MinerEvent[];
  /** Resolves when a model of it makes progress. */
  showsProgress(): Promise<void>;
  readonly problems: readonly Error[];
  /** Resolves once it has been told of this, now or earlier. */
  heardOf(type: MinerEvent["__typename"]): Promise<void>;
  stop(): Promise<void>;
}

export interface MinerPlan {
  readonly name: MinerName;
  readonly url: string;
  /** Its memory. */
  readonly folder: string;
  /** Where its model is kept once it was trained: tasks of small worlds are all the same. */
  readonly modelCache: string;
  readonly wrapMaker?: WrapMaker;
}

/** Starts a miner of the SDK in this process. */
export function startMiner({ name, url, folder, modelCache, wrapMaker = (_, usual) => usual }: MinerPlan): MinerAtWork {
  const controller = new AbortController();
  const registered = Promise.withResolvers<void>();
  const events: MinerEvent[] = [];
  const progressing = Promise.withResolvers<void>();
  const problems: Error[] = [];
  const waiting = new Map<MinerEvent["__typename"], PromiseWithResolvers<void>>();
  const waitFor = (type: MinerEvent["__typename"]): PromiseWithResolvers<void> => {
    const waiter = waiting.get(type) ?? Promise.withResolvers<void>();
    waiting.set(type, waiter);
    return waiter;
  };
  const running = runMiner({
    url,
    keyPair: createKeyPair(createHash("sha256").update(name).digest()),
    name,
    maxParameterCount: 1_000_000_000,
    slots: 1,
    stateFolder: folder,
    models: join(packageFolder, "models"),
    makeModel: wrapMaker(name, trainOnce(name, modelCache)),
    strategyLabel: name,
    backoff: QUICKLY,
    signal: controller.signal,
    observer: {
      onRegistered: () => registered.resolve(),
      onProgress: () => progressing.resolve(),
      onProblem: (_state, problem) => problems.push(problem),
      onEvent: (event) => {
        events.push(event);
        waitFor(event.__typename).resolve();
      },
    },
  });
  running.catch(registered.reject);
  return {
    name,
    registered: registered.promise,
    events,
    problems,
    showsProgress: () => Promise.race([progressing.promise, running]),
    heardOf: (type) => Promise.race([waitFor(type).promise, running]),
    async stop() {
      controller.abort();
      await running;
    },
  };
}

/** Really trains, in a process of its own. */
export const trainReally = (name: MinerName): MakeModel =>
  trainerCommand(
    [process.execPath, join(packageFolder, "dist", "evaluators", "embedded", "train.js")],
    STRATEGIES[name],
    createSlots(1),
  );

/** Trains once; afterwards the model is copied. */
function trainOnce(name: MinerName, cache: string): MakeModel {
  return async (order) => {
    const model = join(order.folder, "model");
    if (await stat(cache).catch(() => null)) return cp(cache, model, { recursive: true });
    await trainReally(name)(order);
    await mkdir(dirname(cache), { recursive: true });
    await cp(model, `${cache}.new`, { recursive: true });
    await rename(`${cache}.new`, cache);
  };
}
