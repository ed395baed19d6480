import DataLoader from "dataloader";
import type { App, Principal, Tables, Where } from "../core/app/index.ts";
import { SELECTION } from "../core/domain/index.ts";

type WithId = { [T in keyof Tables]: Tables[T] extends { readonly id: string } ? T : never }[keyof Tables];
type OfTask = { [T in keyof Tables]: Tables[T] extends { readonly taskId: string } ? T : never }[keyof Tables];

const AVERAGE_WINDOW_MS = SELECTION.averageWindowDays * 24 * 60 * 60 * 1000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for what can be the id of a row: anything else is not worth a query. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** Batched reading for one operation: one query per table, however many objects ask. */
export type Loaders = ReturnType<typeof createLoaders>;

/**
 * @param cache false where an operation lives on (subscriptions): then each event reads afresh, batched all the same.
 */
export function createLoaders(app: App, principal: Principal, { cache }: { readonly cache: boolean }) {
  const { store, clock } = app;

  const byId = <T extends WithId>(table: T) =>
    new DataLoader<string, Tables[T] | null>(
      async (ids) => {
        // Every table here has a text id; the mapped type hides that from the compiler.
        const where = { id: { in: ids.filter(isUuid) } } as unknown as Where<Tables[T]>;
        const rows = await store.find(table, where);
        const found = new Map(rows.map((row) => [(row as { readonly id: string }).id, row]));
        return ids.map((id) => found.get(id.toLowerCase()) ?? null);
      },
      { cache },
    );

  const ofTask = <T extends OfTask>(
    table: T,
    orderBy: Partial<Record<keyof Tables[T], "asc" | "desc">>,
    extra: object = {},
  ) =>
    new DataLoader<string, readonly Tables[T][]>(
      async (taskIds) => {
        const where = { taskId: { in: taskIds }, ...extra } as Where<Tables[T]>; // as above
        const rows = await store.find(table, where, { orderBy });
        const groups = Map.groupBy(rows, (row) => (row as { readonly taskId: string | null }).taskId);
        return taskIds.map((id) => groups.get(id) ?? []);
      },
      { cache },
    );

  const minerId = principal.kind === "MINER" ? principal.minerId : null;

  return {
    task: byId("tasks"),
    miner: byId("miners"),
    submission: byId("submissions"),
    account: byId("accounts"),
    splits: ofTask("datasetSplits", { split: "asc" }),
    /** Newest first, at most pool size times seals each: a few dozen rows per task. */
    submissions: ofTask("submissions", { sealSequence: "desc" }),
    assignments: ofTask("assignments", { acceptedAt: "asc", id: "asc" }),
    evaluations: ofTask("evaluations", { attempt: "asc" }),
    findings: ofTask("findings", { createdAt: "asc", id: "asc" }),
    scores: ofTask("scores", { minerId: "asc" }),
    /** The asking miner's own assignments. */
    ownAssignments: minerId === null ? null : ofTask("assignments", { acceptedAt: "asc" }, { minerId }),
    /** Mean taskScore of the last 7 days, null where there is none: one query for all miners. */
    averageScore: new DataLoader<string, number | null>(
      async (ids) => {
        const averages = await store.averageScores(new Date(clock.now().getTime() - AVERAGE_WINDOW_MS));
        return ids.map((id) => averages.get(id) ?? null);
      },
      { cache },
    ),
    windowFindings: new DataLoader<string, readonly Tables["windowFindings"][]>(
      async (setIds) => {
        const rows = await store.find("windowFindings", { weightSetId: { in: setIds } }, { orderBy: { id: "asc" } });
        const groups = Map.groupBy(rows, (row) => row.weightSetId);
        return setIds.map((id) => groups.get(id) ?? []);
      },
      { cache },
    ),
    ledgerEntry: new DataLoader<string, Tables["ledger"] | null>(
      async (ids) => {
        const rows = await store.find("ledger", { weightSetId: { in: ids } });
        const found = new Map(rows.map((row) => [row.weightSetId, row]));
        return ids.map((id) => found.get(id) ?? null);
      },
      { cache },
    ),
  };
}
