import type { PluginLog } from "../../core/contract/index.ts";
import type { Daemon } from "./daemon.ts";
import { isOrphan, KIND, LABEL, type Owner } from "./owner.ts";

/**
 * Removes the containers that runners of dead processes left behind, and no others: a container without our labels, or of
 * an owner that lives, is never touched.
 *
 * @throws {InfrastructureError} where the daemon can't be asked.
 */
export async function reapOrphans(daemon: Daemon, viewer: Owner, log: PluginLog): Promise<void> {
  const now = new Date();
  for (const { id, labels } of await daemon.withLabel(LABEL.kind, KIND)) {
    if (!isOrphan(labels, viewer, now)) continue;
    await daemon.remove(id);
    log.info("removed the container of an evaluator whose worker is gone", {
      container: id.slice(0, 12),
      task: labels[LABEL.task] ?? "",
      process: labels[LABEL.process] ?? "",
    });
  }
}
