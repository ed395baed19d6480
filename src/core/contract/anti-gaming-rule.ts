import type { z } from "zod";
import type { Finding, TaskOrigin } from "../domain/index.ts";
import type { Losses } from "./task-type.ts";

/** What intake found out without running the model. */
export interface StaticFacts {
  /** sha256 (hex) over the canonical per-tensor digests: the same model in another file has the same one. */
  readonly digest: string;
  /** Every tensor equals the base's, or a LoRA whose every A or every B is zero. */
  readonly equalsBase: boolean;
  /** The base that an adapter names, where it names one, and whether it is the task's. */
  readonly namedBase: string | null;
  readonly wrongBase: boolean;
  readonly wrongArchitecture: boolean;
}

/** One EVALUATED submission (finite losses), as rules see it. */
export interface JudgedSubmission {
  readonly id: string;
  readonly minerId: string;
  /** Server time (ms) and database sequence of this miner's FIRST seal of this digest for this task: the sequence breaks ties. */
  readonly firstSealedAt: number;
  readonly firstSealSequence: number;
  readonly losses: Losses;
  readonly weightedLoss: number;
  readonly facts: StaticFacts;
}

/** A submission without losses: another base's adapter or another architecture, for example. */
export interface RefusedSubmission {
  readonly id: string;
  readonly minerId: string;
  readonly facts: StaticFacts;
}

/** All that a rule sees of one task. */
export interface JudgedField {
  readonly taskId: string;
  /** The type's tolerance: no threshold of a rule goes below it. */
  readonly tolerance: number;
  readonly base: { readonly losses: Losses; readonly weightedLoss: number } | null;
  readonly submissions: readonly JudgedSubmission[];
  /** Sealed models that intake found could not be evaluated, with what it knows of them. */
  readonly refused: readonly RefusedSubmission[];
}

/** A rule's answer: findings, and words for the operator that concern nobody in particular. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly notices: readonly string[];
}

/** A scored result of one miner inside the rule's window. */
export interface WindowResult {
  readonly minerId: string;
  readonly taskId: string;
  /** Null where the miner accepted and sealed nothing. */
  readonly submissionId: string | null;
  readonly origin: TaskOrigin;
  readonly taskScore: number;
  readonly ageDays: number;
}

interface RuleBase<Options extends z.ZodObject> {
  readonly type: "anti-gaming-rule";
  readonly api: 1;
  readonly name: string;
  /** Where it comes from: an equation's number or a section. */
  readonly source: string;
  readonly description: string;
  readonly options: Options;
}

/** Judges the field of one task when all its evaluations are in. Pure. */
export interface TaskRule<Options extends z.ZodObject = z.ZodObject> extends RuleBase<Options> {
  readonly scope: "task";
  judge(field: JudgedField, options: z.output<Options>): Judgement;
}

/**
 * Judges the results of all miners over the last `days` days, each time that a weight set is made. Pure.
 *
 * A finding names one of its subject's submissions and is about its miner. Out of the weight set that is being made go,
 * with FLAG, the miner's organic results and, with DISQUALIFY, all of them; and nothing where that would raise the miner's
 * own weight. The next weight set is judged afresh.
 */
export interface WindowRule<Options extends z.ZodObject = z.ZodObject> extends RuleBase<Options> {
  readonly scope: "window";
  readonly days: number;
  judge(results: readonly WindowResult[], options: z.output<Options>): Judgement;
}

/** Rules see the whole field and return findings; they can change no score, and no finding may raise its own subject's. */
export type AntiGamingRule<Options extends z.ZodObject = z.ZodObject> = TaskRule<Options> | WindowRule<Options>;
