import type { TaskLeaderboardQuery, WeightSetFieldsFragment } from "../../sdk/index.ts";
import type { Competitor, Entry } from "./competitors.ts";
import type { Demo } from "./demo-file.ts";
import type { KeptData } from "./kept-data.ts";
import type { KeptAttachment } from "./keep-attachments.ts";

type ScoredTask = NonNullable<TaskLeaderboardQuery["task"]>;

/** All that a scored task has to show. */
export interface TaskResult {
  readonly demo: Demo;
  readonly task: ScoredTask;
  readonly competitors: readonly Competitor[];
  /** Files that evaluations have left, by miner. */
  readonly attachments: readonly KeptAttachment[];
  readonly kept: KeptData | null;
}

/** All that a finished demo has to show. */
export interface DemoResult {
  /** In the order of `--types`. */
  readonly tasks: readonly TaskResult[];
  /** What all of them together weigh. */
  readonly weightSet: WeightSetFieldsFragment;
}

/** Leaderboard rows with what their miners did, best first. */
export function resultRows({
  demo,
  task,
  competitors,
}: TaskResult): readonly { readonly row: ScoredTask["leaderboard"][number]; readonly entry: Entry }[] {
  return task.leaderboard.flatMap((row) => {
    const competitor = competitors.find(({ keyPair }) => keyPair.hotkey === row.miner.hotkey);
    const entry = competitor?.entries.get(demo.kind);
    return entry === undefined ? [] : [{ row, entry }];
  });
}
