import type { TaskOrigin } from "../vocabulary.ts";
import type { FieldEntry, ReasonedScore, TaskScoreOptions } from "./rank.ts";
import type { WindowDays } from "./temporal.ts";

/** One miner's score in one SCORED task, as it goes into a weight set. */
export interface ScoredResult {
  /** Id of the miner. */
  readonly id: string;
  readonly taskId: string;
  readonly taskType: string;
  readonly origin: TaskOrigin;
  /** S_task */
  readonly taskScore: number;
  /** W_task */
  readonly taskWeight: number;
  /** The smallest window that the task's age falls in. */
  readonly window: WindowDays | null;
  /** Published with the others and counted by nobody: a finding about the window leaves it out (section 7). */
  readonly leftOut?: true | undefined;
}

/** S_temporal and S_final of every miner that has a result. */
export interface MinerScores {
  readonly temporal: Readonly<Record<string, number>>;
  readonly final: Readonly<Record<string, number>>;
}

/** `typeWeights` (1 where absent) are for policies that weigh task types against each other. */
export interface PolicyOptions {
  readonly typeWeights?: Readonly<Record<string, number>> | undefined;
}

/** A pure, named way from losses to final scores. A weight set names the policy that made it. */
export interface ScoringPolicy {
  readonly name: string;
  reasonedScores(field: readonly FieldEntry[], options?: TaskScoreOptions): ReasonedScore[];
  taskWeight(billions: number, hours: number): number;
  minerScores(results: readonly ScoredResult[], options?: PolicyOptions): MinerScores;
}
