import type { App } from "../app.ts";
import type { SyntheticSource } from "../settings.ts";

const MINUTE_MS = 60 * 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** After a first failed task a source rests for this long, then for twice as long each time … */
const FIRST_REST_MS = 10 * MINUTE_MS;
/** … but never longer than this. */
const LONGEST_REST_MS = 60 * MINUTE_MS;
/** Tasks that are looked at: more failures than this rest no longer. */
const LOOKED_AT = 4;

/**
 * The sources that tasks may be made of now. One whose latest tasks FAILED rests: a dataset that is gone would otherwise
 * be posted, refused and posted again without an end.
 */
export async function restedSources(
  app: App,
  sources: readonly SyntheticSource[],
): Promise<readonly SyntheticSource[]> {
  const rested: SyntheticSource[] = [];
  for (const source of sources) if (!(await rests(app, source))) rested.push(source);
  return rested;
}

async function rests(app: App, { kind, title }: SyntheticSource): Promise<boolean> {
  const now = app.clock.now().getTime();
  const ended = await app.store.find(
    "tasks",
    {
      origin: "SYNTHETIC",
      kind,
      title,
      status: { in: ["SCORED", "FAILED"] },
      createdAt: { gte: new Date(now - DAY_MS) },
    },
    { orderBy: { createdAt: "desc" }, limit: LOOKED_AT },
  );
  const scored = ended.findIndex(({ status }) => status === "SCORED");
  const failures = scored === -1 ? ended.length : scored;
  const [latest] = ended;
  if (failures === 0 || latest === undefined) return false;
  const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - 1));
  return latest.createdAt.getTime() + rest > now;
}
