import { join } from "node:path";
import {
  createKeyPair,
  createSlots,
  runMiner,
  type AssignmentState,
  type KeyPair,
  type MakeModel,
  type MinerEvent,
  type MinerEventOf,
  type Progress,
} from "../../sdk/index.ts";
import { inPackage } from "../package-root.ts";
import { deriveBytes } from "./demo-seed.ts";
import type { DemoMiner } from "./field.ts";
import { createHandOver, makeModelOf, type HandOver } from "./make-model.ts";
import { describeRole, type Role } from "./roles.ts";

export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** What a competitor does in one task, and what has happened so far. */
export interface Entry {
  readonly kind: string;
  readonly role: Role;
  readonly label: string;
  /** In a word: what it is doing. */
  activity: string;
  progress: Progress | null;
  readonly curve: CurvePoint[];
  /** Folder with task.json, data and model, once assigned. */
  workFolder: string | null;
}

/** A demo miner with an entry for each kind of tasks that it takes. */
export interface Competitor {
  readonly name: string;
  readonly keyPair: KeyPair;
  readonly stateFolder: string;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Competition {
  readonly url: string;
  readonly seed: string;
  /** By kind: the program that trains, null for the embedded one. */
  readonly programs: ReadonlyMap<string, string | null>;
  /** Trainers at a time. */
  readonly cores: number;
  readonly onRegistered: (competitor: Competitor) => void;
  readonly onChange: (competitor: Competitor, entry: Entry) => void;
  readonly onEvent: (competitor: Competitor, event: MinerEvent) => void;
  /** Null: a problem of no task. */
  readonly onProblem: (competitor: Competitor, kind: string | null, error: Error) => void;
  readonly signal: AbortSignal;
}

/** The competitors of a demo, before anything has happened. Keys follow from the seed. */
export function createCompetitors(miners: readonly DemoMiner[], seed: string, folder: string): readonly Competitor[] {
  return miners.map(({ name, roles }) => ({
    name,
    keyPair: createKeyPair(deriveBytes(seed, "miner", name)),
    stateFolder: join(folder, "miners", name),
    entries: new Map([...roles].map(([kind, role]) => [kind, newEntry(kind, role)])),
  }));
}

const newEntry = (kind: string, role: Role): Entry => ({
  kind,
  role,
  label: describeRole(role),
  activity: "signing in",
  progress: null,
  curve: [],
  workFolder: null,
});

/** Runs every competitor as a client with a key, a socket and a state folder of its own, until the signal aborts. */
export async function runCompetitors(competitors: readonly Competitor[], competition: Competition): Promise<void> {
  const trainers = createSlots(competition.cores);
  const handOvers = new Map<string, HandOver>();
  const handOverOf = (kind: string): HandOver => {
    const handOver = handOvers.get(kind) ?? createHandOver();
    handOvers.set(kind, handOver);
    return handOver;
  };
  const makerOf = (name: string, { kind, role }: Entry): MakeModel =>
    makeModelOf(
      { name, role },
      { seed: competition.seed, trainer: competition.programs.get(kind) ?? null, trainers, handOver: handOverOf(kind) },
    );
  await Promise.all(competitors.map((competitor) => compete(competitor, { ...competition, makerOf, handOverOf })));
}

interface Backstage extends Competition {
  readonly makerOf: (name: string, entry: Entry) => MakeModel;
  readonly handOverOf: (kind: string) => HandOver;
}

async function compete(competitor: Competitor, backstage: Backstage): Promise<void> {
  const { name, keyPair, stateFolder, entries } = competitor;
  const { url, signal, makerOf, handOverOf, onChange } = backstage;
  const makers = new Map([...entries].map(([kind, entry]) => [kind, makerOf(name, entry)]));
  const kindsByTask = new Map<string, string>();

  const change = (kind: string, update: Partial<Entry>): void => {
    const entry = entries.get(kind);
    if (entry === undefined) return;
    Object.assign(entry, update);
    onChange(competitor, entry);
  };
  const assigned = ({ assignmentId, taskId, kind }: MinerEventOf<"Assigned">): void => {
    kindsByTask.set(taskId, kind);
    const workFolder = join(stateFolder, "assignments", assignmentId, "work");
    const waiting = entries.get(kind)?.role.kind === "trainer" ? "waiting for a core" : "assigned";
    change(kind, { activity: waiting, workFolder });
  };

  await runMiner({
    url,
    keyPair,
    name,
    taskTypes: [...entries.keys()],
    maxParameterCount: 1_000_000_000,
    slots: entries.size,
    stateFolder,
    models: inPackage("models"),
    makeModel: async (order) => {
      const make = makers.get(order.kind);
      if (make === undefined) throw new Error(`${name} takes no tasks of the kind ${order.kind}.`);
      await make(order);
    },
    strategyLabel: (kind) => entries.get(kind)?.label ?? null,
    keepWork: true,
    signal,
    observer: {
      onRegistered: () => {
        for (const kind of entries.keys()) change(kind, { activity: "ready" });
        backstage.onRegistered(competitor);
      },
      onProgress: ({ kind }, progress) => {
        if (progress.loss !== null) entries.get(kind)?.curve.push({ step: progress.step, loss: progress.loss });
        change(kind, { progress, activity: "training" });
      },
      onStage: ({ kind, stage }) => {
        if (stage === "FAILED") handOverOf(kind).failed(name);
        change(kind, { activity: ACTIVITIES[stage] });
      },
      onEvent: (event) => {
        if (event.__typename === "Assigned") assigned(event);
        if (event.__typename === "SubmissionSealed") {
          const kind = kindsByTask.get(event.taskId);
          if (kind !== undefined) handOverOf(kind).sealed(name);
        }
        backstage.onEvent(competitor, event);
      },
      onProblem: (state, error) => {
        for (const kind of state === null ? entries.keys() : [state.kind]) handOverOf(kind).failed(name);
        backstage.onProblem(competitor, state?.kind ?? null, error);
      },
    },
  });
}

const ACTIVITIES: Readonly<Record<AssignmentState["stage"], string>> = {
  ASSIGNED: "assigned",
  MADE: "uploading",
  SEALED: "sealed",
  SCORED: "scored",
  CANCELLED: "cancelled",
  FAILED: "failed",
};
