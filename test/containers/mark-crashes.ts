import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type Docker from "dockerode";
import { z } from "zod";
import { LABEL } from "../../src/eval-runners/docker/owner.ts";
import { docker } from "./a-daemon.ts";

/** Tells the scripted evaluator, which can write nowhere that lasts, that one before it has crashed. */
export interface CrashMarks {
  /** Sessions below this folder, and no others from now on, get the file `crashed` at the first crash of a container. */
  watch(scratchFolder: string): void;
  stop(): void;
}

const death = z.object({ Actor: z.object({ Attributes: z.object({ exitCode: z.string() }) }) });
/** By its runner, so its session may be over: a file that appears in its folder would get into the way of the removal. */
const ENDED_FROM_OUTSIDE = "137";

export async function markCrashes(client: Docker = docker): Promise<CrashMarks> {
  let watched: string | null = null;
  // Tests of other files have containers of their own at the same time.
  const filters = JSON.stringify({ event: ["die"], label: [`${LABEL.process}=${process.pid}`] });
  const events = await client.getEvents({ filters });
  const lines = createInterface({ input: events }).on("line", (line) => {
    if (death.parse(JSON.parse(line)).Actor.Attributes.exitCode === ENDED_FROM_OUTSIDE) return;
    // The last one's test may be over.
    if (watched !== null && existsSync(watched))
      for (const session of readdirSync(watched)) writeFileSync(join(watched, session, "crashed"), "");
    watched = null;
  });
  // That it was stopped.
  lines.on("error", () => {});
  return {
    watch: (scratchFolder) => void (watched = scratchFolder),
    stop: () => "destroy" in events && typeof events.destroy === "function" && events.destroy(),
  };
}
