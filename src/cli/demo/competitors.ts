import { join } from "node:path";
import {
  createKeyPair,
  createSlots,
  runMiner,
  type AssignmentState,
  type KeyPair,
  type MinerEvent,
  type Progress,
} from "../../sdk/index.ts";
import { inPackage } from "../package-root.ts";
import { deriveBytes } from "./demo-seed.ts";
import { createHandOver, makeModelOf } from "./make-model.ts";
import { describeRole, type DemoMiner } from "./strategies.ts";

export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** A demo miner and what has happened to it so far. */
export interface Competitor {
  readonly miner: DemoMiner;
  readonly label: string;
  readonly keyPair: KeyPair;
  readonly stateFolder: string;
  /** In a word: what it is doing. */
  activity: string;
  progress: Progress | null;
  readonly curve: CurvePoint[];
  /** Folder with task.json, data and model, once assigned. */
  workFolder: string | null;
}

export interface Competition {
  readonly url: string;
  readonly seed: string;
  /** Trainers at a time. */
  readonly cores: number;
  readonly onRegistered: (competitor: Competitor) => void;
  readonly onChange: (competitor: Competitor) => void;
  readonly onEvent: (competitor: Competitor, event: MinerEvent) => void;
  readonly onProblem: (competitor: Competitor, error: Error) => void;
  readonly signal: AbortSignal;
}

/** The competitors of a demo, before anything has happened. Keys follow from the seed. */
export function createCompetitors(miners: readonly DemoMiner[], seed: string, folder: string): readonly Competitor[] {
  return miners.map((miner) => ({
    miner,
    label: describeRole(miner.role),
    keyPair: createKeyPair(deriveBytes(seed, "miner", miner.name)),
    stateFolder: join(folder, "miners", miner.name),
    activity: "signing in",
    progress: null,
    curve: [],
    workFolder: null,
  }));
}

/** Runs every competitor as a client with a key, a socket and a state folder of its own, until the signal aborts. */
export async function runCompetitors(competitors: readonly Competitor[], competition: Competition): Promise<void> {
  const trainers = createSlots(competition.cores);
  const handOver = createHandOver();
  const run = async (competitor: Competitor): Promise<void> => {
    const { miner, label, keyPair, stateFolder } = competitor;
    const { name } = miner;
    const change = (update: Partial<Competitor>): void => {
      Object.assign(competitor, update);
      competition.onChange(competitor);
    };
    await runMiner({
      url: competition.url,
      keyPair,
      name,
      maxParameterCount: 1_000_000_000,
      slots: 1,
      stateFolder,
      models: inPackage("models"),
      makeModel: makeModelOf(miner, { seed: competition.seed, trainers, handOver }),
      strategyLabel: label,
      keepWork: true,
      signal: competition.signal,
      observer: {
        onRegistered: () => {
          change({ activity: "ready" });
          competition.onRegistered(competitor);
        },
        onProgress: (_state, progress) => {
          if (progress.loss !== null) competitor.curve.push({ step: progress.step, loss: progress.loss });
          change({ progress, activity: "training" });
        },
        onStage: ({ stage }) => {
          if (stage === "FAILED") handOver.failed(name);
          change({ activity: ACTIVITIES[stage] });
        },
        onEvent: (event) => {
          if (event.__typename === "SubmissionSealed") handOver.sealed(name);
          if (event.__typename === "Assigned") {
            const workFolder = join(stateFolder, "assignments", event.assignmentId, "work");
            change({ activity: miner.role.kind === "trainer" ? "waiting for a core" : "assigned", workFolder });
          }
          competition.onEvent(competitor, event);
        },
        onProblem: (_state, error) => {
          handOver.failed(name);
          competition.onProblem(competitor, error);
        },
      },
    });
  };
  await Promise.all(competitors.map(run));
}

const ACTIVITIES: Readonly<Record<AssignmentState["stage"], string>> = {
  ASSIGNED: "assigned",
  MADE: "uploading",
  SEALED: "sealed",
  SCORED: "scored",
  CANCELLED: "cancelled",
  FAILED: "failed",
};
