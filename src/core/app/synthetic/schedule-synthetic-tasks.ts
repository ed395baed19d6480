import { createRng, drawIndex, drawTaskType, isTerminal, TASK_MIX, TASK_STATUSES } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { SyntheticSource } from "../settings.ts";
import { createTask } from "../tasks/create-task.ts";
import { restedSources } from "./rested-sources.ts";
import { schedulerOf, syntheticTaskInput } from "./synthetic-task-input.ts";

const DEMAND_WINDOW_MS = TASK_MIX.demandWindowHours * 60 * 60 * 1000;
const ACTIVE = TASK_STATUSES.filter((status) => !isTerminal(status));

/**
 * Fills the market with synthetic tasks up to `maxActive` active ones, organic ones counted first (spec section 2): the
 * type is drawn so that the mix of the last day complements what customers asked for. Rings at every start, whenever a
 * task ends, and now and then; does nothing unless the operator has switched it on.
 *
 * Any number of processes may do it at once: each new task takes the next free slot, whose number is its idempotency
 * key, so that of two that want the same one gets it.
 */
export async function scheduleSyntheticTasks(app: App): Promise<void> {
  const { enabled, maxActive, sources } = app.settings.synthetic;
  if (!enabled) return;
  let usable = await restedSources(app, sources);
  for (let failed = 0; ;) {
    // Counted before the active ones: what somebody else makes in between has taken the slot, or is seen as active.
    const slot = await app.store.count("tasks", { origin: "SYNTHETIC" });
    const active = await app.store.count("tasks", { status: { in: ACTIVE } });
    if (active >= maxActive) return;
    const rng = createRng(app.secrets.seed(app.ids.derived("synthetic task", String(slot)), "draw", failed));
    const source = await drawSource(app, usable, rng);
    if (source === undefined) return;
    const outcome = await fillSlot(app, source, slot, rng);
    if (outcome === "taken") return;
    if (outcome === "failed") {
      failed += 1;
      usable = usable.filter((other) => other !== source);
    }
  }
}

/** The type by what the last day lacks (eq 1), then any of its sources. */
async function drawSource(
  app: App,
  sources: readonly SyntheticSource[],
  rng: () => number,
): Promise<SyntheticSource | undefined> {
  const kinds = new Set(sources.map(({ kind }) => kind));
  const shares = Object.entries(app.registry.shares(app.settings.synthetic.shares));
  const offered = Object.fromEntries(shares.filter(([kind, share]) => kinds.has(kind) && share > 0));
  if (Object.keys(offered).length === 0) return undefined;
  const demand = await app.store.demandByKind(new Date(app.clock.now().getTime() - DEMAND_WINDOW_MS));
  const kind = drawTaskType(offered, Object.fromEntries(demand), rng);
  const choices = sources.filter((source) => source.kind === kind);
  const even = choices.map(() => 1);
  return choices[drawIndex(even, rng)];
}

async function fillSlot(
  app: App,
  source: SyntheticSource,
  slot: number,
  rng: () => number,
): Promise<"filled" | "taken" | "failed"> {
  const input = await syntheticTaskInput(app, source, `synthetic task ${slot}`, rng);
  const created = input.ok ? await createTask(app, schedulerOf(app), input.value) : input;
  if (created.ok) return "filled";
  if (created.error.code === "IDEMPOTENCY_CONFLICT") return "taken";
  const { kind, title } = source;
  const { code, message: reason } = created.error;
  app.log.error("a synthetic task could not be made", { kind, title, code, reason });
  return "failed";
}
