import type { JsonObject } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";

export type MinerEventType =
  | "OfferMade"
  | "OfferClosed"
  | "Assigned"
  | "DeadlineChanged"
  | "TaskCancelled"
  | "SubmissionSealed"
  | "TaskScored"
  | "WeightSetPublished"
  | "Notice";

/** One event on its way to one miner; `cause` makes its id, so that a repeated use case repeats no event. */
export interface OutgoingMinerEvent {
  readonly minerId: string;
  readonly type: MinerEventType;
  readonly taskId: string | null;
  readonly cause: string;
  readonly payload: JsonObject;
}

/** Stores events with each miner's next sequence numbers; the sockets ring after the commit. */
export async function tellMiners(app: App, tx: Tx, events: readonly OutgoingMinerEvent[]): Promise<void> {
  if (events.length === 0) return;
  const at = app.clock.now();
  await tx.appendMinerEvents(
    events.map(({ cause, ...event }) => ({
      ...event,
      id: app.ids.derived("minerEvent", event.minerId, event.type, cause),
      at,
    })),
  );
}

/** The base model as events show it. */
export const baseModelPayload = (task: TaskRecord, contextLength: number): JsonObject => ({
  repo: task.baseRepo,
  revision: task.baseRevision,
  parameterCount: task.parameterCount,
  contextLength,
});
