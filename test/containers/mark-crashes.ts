import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KIND, LABEL } from "../../src/eval-runners/docker/owner.ts";
import { docker } from "./a-daemon.ts";

/** Tells the scripted evaluator, which can write nowhere that lasts, that one before it has crashed. */
export interface CrashMarks {
  /** Sessions below this folder get the file `crashed` as soon as a container dies. */
  watch(scratchFolder: string): void;
  stop(): void;
}

export async function markCrashes(): Promise<CrashMarks> {
  const folders = new Set<string>();
  const filters = JSON.stringify({ event: ["die"], label: [`${LABEL.kind}=${KIND}`] });
  const events = await docker.getEvents({ filters });
  events.on("data", () => {
    for (const folder of folders) {
      try {
        for (const session of readdirSync(folder)) writeFileSync(join(folder, session, "crashed"), "");
      } catch {
        // The test that it belonged to is over.
        folders.delete(folder);
      }
    }
  });
  return {
    watch: (folder) => void folders.add(folder),
    stop: () => "destroy" in events && typeof events.destroy === "function" && events.destroy(),
  };
}
