import type { TaskLeaderboardQuery, WeightSetQuery } from "../../sdk/index.ts";
import type { Competitor } from "./competitors.ts";

type ScoredTask = NonNullable<TaskLeaderboardQuery["task"]>;

/** All that a finished demo has to show. */
export interface DemoResult {
  readonly task: ScoredTask;
  readonly weightSet: NonNullable<WeightSetQuery["weightSet"]>;
  readonly competitors: readonly Competitor[];
}

/** Leaderboard rows with the competitors that they are about, best first. */
export function resultRows({
  task,
  competitors,
}: DemoResult): readonly { readonly entry: ScoredTask["leaderboard"][number]; readonly competitor: Competitor }[] {
  return task.leaderboard.flatMap((entry) => {
    const competitor = competitors.find(({ keyPair }) => keyPair.hotkey === entry.miner.hotkey);
    return competitor === undefined ? [] : [{ entry, competitor }];
  });
}
