import type { Json, JsonObject } from "../../contract/index.ts";
import type { Verdict } from "../../domain/index.ts";

export interface WeightSetRecord {
  readonly id: string;
  readonly sequence: number;
  /** For auditors: every result of the window in sorted order, those that count for nothing marked as left out. */
  readonly inputs: Json;
  readonly policy: string;
  /** Per miner: windowScores, temporalScore, finalScore, weight (fraction), integer (per 1e9). */
  readonly entries: readonly WeightEntry[];
  readonly empty: boolean;
  readonly digest: string;
  readonly createdAt: Date;
}

/** What a rule found about a miner when it judged the window of a weight set. */
export interface WindowFindingRecord {
  readonly id: string;
  readonly weightSetId: string;
  readonly minerId: string;
  /** The submission that stands for the miner's results. */
  readonly submissionId: string;
  readonly rule: string;
  readonly verdict: Verdict;
  readonly code: string;
  readonly evidence: JsonObject;
  /** False where leaving results out would have raised the miner's weight, or there was nothing to leave out. */
  readonly leftOut: boolean;
  readonly createdAt: Date;
}

export interface WeightEntry {
  readonly minerId: string;
  readonly hotkey: string;
  readonly temporalScore: number;
  readonly finalScore: number;
  readonly weight: number;
  readonly integer: number;
}

export interface LedgerRecord {
  readonly sequence: number;
  readonly weightSetId: string;
  readonly digest: string;
  readonly prevDigest: string;
  readonly createdAt: Date;
}
