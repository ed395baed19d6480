import type { WeightSetRecord } from "../core/app/index.ts";
import { abortable } from "./abortable.ts";
import { listen } from "./bell.ts";
import type { ApiContext } from "./context.ts";

const BATCH = 10;

/** Every weight set made from now on, in order. */
export async function leaderboardUpdates({ app }: ApiContext): Promise<AsyncIterable<WeightSetRecord>> {
  const [latest] = await app.store.find("weightSets", {}, { orderBy: { sequence: "desc" }, limit: 1 });
  return abortable(async function* (signal) {
    let last = latest?.sequence ?? 0;
    const bell = listen(app.broadcast, "leaderboard", signal);
    do {
      const where = { sequence: { gt: last } };
      for (const set of await app.store.find("weightSets", where, { orderBy: { sequence: "asc" }, limit: BATCH })) {
        yield set;
        last = set.sequence;
      }
    } while (await bell.wait());
  });
}
