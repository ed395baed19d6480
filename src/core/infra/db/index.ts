export { createLeases, dropDeadLeases, LeaseLostError, type HeldLeases } from "./leases.ts";
export { createLedger } from "./ledger.ts";
export { listen } from "./listener.ts";
export { migrate } from "./migrate.ts";
export { openOrm } from "./orm.ts";
export { claimOutbox, notifyTopics, OUTBOX_CHANNEL, pruneOutbox, TOPICS_CHANNEL, type ClaimedRow } from "./outbox.ts";
export { createStore } from "./store.ts";
export {
  dueFetchIds,
  dueTaskIds,
  pendingSubmissionIds,
  unfinishedTaskIds,
  workableTaskIds,
} from "./unfinished-tasks.ts";
