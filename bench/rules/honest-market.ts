import type { WindowResult } from "../../src/core/contract/index.ts";
import { createRng, taskScores } from "../../src/core/domain/index.ts";

/** A week of a market in which everybody takes part in every task. */
export interface MarketWeek {
  readonly miners: number;
  readonly organicTasks: number;
  readonly syntheticTasks: number;
  /** Standard deviation of the miners' skills, where luck within one task has 1. */
  readonly skillSpread: number;
  /** Of organic tasks, the share whose kind is rare among synthetic ones (a fifth); skill differs from kind to kind. 0: one kind. */
  readonly rareKindShare: number;
}

const RARE_AMONG_SYNTHETIC = 0.2;

/**
 * The results of a week, all miners honest. A loss is the task's difficulty plus luck minus the miner's skill in the task's
 * kind; scores are those of eq 11 where everybody beats the base. With `selfMadeTasks`, miner 0 also posts that many organic
 * tasks for itself and wins them.
 */
export function honestWeek(week: MarketWeek, seed: number, selfMadeTasks = 0): readonly WindowResult[] {
  const rng = createRng(Uint8Array.from({ length: 16 }, (_, index) => (seed >>> (8 * (index % 4))) ^ (index * 41 + 7)));
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
  const skills = Array.from({ length: week.miners }, () =>
    [normal(), normal()].map((skill) => skill * week.skillSpread),
  );
  const aTask = (taskId: string, origin: WindowResult["origin"], won: boolean): readonly WindowResult[] => {
    const rare = origin === "ORGANIC" ? week.rareKindShare : week.rareKindShare && RARE_AMONG_SYNTHETIC;
    const kind = rng() < rare ? 1 : 0;
    const field = skills.map((skill, miner) => ({
      id: `m${miner}`,
      loss: won && miner === 0 ? -1000 : 10 + normal() - (skill[kind] ?? 0),
      sealedAt: miner,
      valid: true,
    }));
    return taskScores(field).map(({ id, score }) => ({
      minerId: id,
      taskId,
      submissionId: `${taskId}-${id}`,
      origin,
      taskScore: score,
      ageDays: 7 * rng(),
    }));
  };
  const tasks = (count: number, origin: WindowResult["origin"], won = false) =>
    Array.from({ length: count }, (_, index) => aTask(`${origin}-${won}-${index}`, origin, won)).flat();
  return [
    ...tasks(week.organicTasks, "ORGANIC"),
    ...tasks(selfMadeTasks, "ORGANIC", true),
    ...tasks(week.syntheticTasks, "SYNTHETIC"),
  ];
}

/** Share of the miners whom `flagged` names, over `weeks` simulated weeks, the same on every run. */
export function flaggedShare(
  flagged: (results: readonly WindowResult[]) => ReadonlySet<string>,
  week: MarketWeek,
  weeks: number,
): number {
  let count = 0;
  for (let seed = 1; seed <= weeks; seed += 1) count += flagged(honestWeek(week, seed)).size;
  return count / (weeks * week.miners);
}

/** Share of the weeks in which miner 0 posts tasks for itself and is flagged. */
export function caughtShare(
  flagged: (results: readonly WindowResult[]) => ReadonlySet<string>,
  week: MarketWeek,
  weeks: number,
  selfMadeTasks: number,
): number {
  let count = 0;
  for (let seed = 1; seed <= weeks; seed += 1) if (flagged(honestWeek(week, seed, selfMadeTasks)).has("m0")) count += 1;
  return count / weeks;
}
