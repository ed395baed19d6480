import {
  createRng,
  drawIndex,
  drawTaskType,
  drawTimeBudgetSeconds,
  isTerminal,
  TASK_STATUSES,
} from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { SyntheticSource } from "../settings.ts";
import { createTask } from "../tasks/create-task.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const SEED_BYTES = 32;
const SCHEDULER = { kind: "OPERATOR", scopes: [] } as const;

/** The lease that one scheduler at a time holds. */
const SCHEDULER_LEASE = "scheduler:synthetic";

/**
 * Fills the market with synthetic tasks up to `maxActive` active ones, organic ones counted first (spec section 2): the
 * type is drawn so that the mix of the last day complements what customers asked for. Rings at every start and whenever a
 * task ends; does nothing unless the operator has switched it on.
 */
export async function scheduleSyntheticTasks(app: App): Promise<void> {
  const { enabled, maxActive, sources } = app.settings.synthetic;
  if (!enabled || sources.length === 0) return;
  await app.leases.withLease(SCHEDULER_LEASE, async ({ signal }) => {
    const active = await app.store.count("tasks", {
      status: { in: TASK_STATUSES.filter((status) => !isTerminal(status)) },
    });
    for (let made = active; made < maxActive; made += 1) {
      signal.throwIfAborted();
      if (!(await createOne(app))) return;
    }
  });
}

async function createOne(app: App): Promise<boolean> {
  const { sources, shares } = app.settings.synthetic;
  const rng = createRng(Buffer.from(app.secrets.randomHex(SEED_BYTES), "hex"));
  const kinds = new Set(sources.map(({ kind }) => kind));
  const offered = Object.fromEntries(Object.entries(app.registry.shares(shares)).filter(([kind]) => kinds.has(kind)));
  if (Object.keys(offered).length === 0) return false;
  const demand = await app.store.demandByKind(new Date(app.clock.now().getTime() - DAY_MS));
  const kind = drawTaskType(offered, Object.fromEntries(demand), rng);
  const choices = sources.filter((source) => source.kind === kind);
  const source =
    choices[
      drawIndex(
        choices.map(() => 1),
        rng,
      )
    ];
  if (source === undefined) return false;
  const created = await createTask(
    app,
    { ...SCHEDULER, accountId: app.ids.derived("account", "operator") },
    {
      kind,
      idempotencyKey: app.ids.random(),
      title: source.title,
      baseModel: source.baseModel,
      dataset: source.dataset,
      budgetSeconds: source.budgetSeconds ?? (await drawnBudget(app, source, rng)),
      spec: source.spec,
      origin: "SYNTHETIC",
    },
  );
  if (!created.ok)
    app.log.error("a synthetic task could not be made", {
      kind,
      code: created.error.code,
      reason: created.error.message,
    });
  return created.ok;
}

async function drawnBudget(app: App, source: SyntheticSource, rng: () => number): Promise<number> {
  const taskType = app.registry.taskType(source.kind);
  const base = await app.bases.find(source.baseModel.repo, source.baseModel.revision);
  if (taskType === undefined || base === null) return 0;
  const { parameterCount, contextLength, config: baseConfig } = base;
  const facts = { taskId: "", parameterCount, rows: source.rows, contextLength, baseConfig };
  const hours = taskType.timeBudgetHours(facts);
  const { minSeconds, maxSeconds } = app.settings.budget;
  return Math.round(Math.min(maxSeconds, Math.max(minSeconds, drawTimeBudgetSeconds(hours, rng))));
}
