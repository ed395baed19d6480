import { z } from "zod";
import type { HookEvents, Hooks, JsonObject } from "../contract/index.ts";
import type { App } from "./app.ts";
import type { Tx } from "./ports.ts";
import { untilAborted } from "./until-aborted.ts";

const HOOK_TIMEOUT_MS = 10_000;
const HOOK_NAMES = [
  "taskTransitioned",
  "submissionSealed",
  "evaluationFinished",
  "taskScored",
] as const satisfies readonly (keyof Hooks)[];
const hookJob = z.strictObject({ name: z.enum(HOOK_NAMES), event: z.record(z.string(), z.json()) });

/** Rings the plugins that observe this event, after the commit; nothing is written where nobody does. */
export async function ringHooks<Name extends keyof HookEvents>(
  app: App,
  tx: Tx,
  name: Name,
  event: HookEvents[Name] & JsonObject,
): Promise<void> {
  if (app.registry.hooks.some(({ hooks }) => hooks[name] !== undefined)) await tx.ring("wake", "hook", { name, event });
}

/**
 * Runs all observers of one event in parallel; a failure, and one that takes too long, is logged with plugin and hook name
 * and goes no further.
 */
export async function runHooks(
  app: { readonly registry: Pick<App["registry"], "hooks">; readonly log: Pick<App["log"], "error"> },
  data: JsonObject,
): Promise<void> {
  const { name, event } = hookJob.parse(data);
  await Promise.all(
    app.registry.hooks.map(async ({ plugin, hooks }) => {
      const hook = hooks[name] as
        ((event: JsonObject, context: { signal: AbortSignal }) => void | Promise<void>) | undefined; // the name ties event and hook together
      if (hook === undefined) return;
      const signal = AbortSignal.timeout(HOOK_TIMEOUT_MS);
      try {
        // One that never ends would keep the job, and all jobs in time.
        await Promise.race([(async () => hook(event, { signal }))(), untilAborted(signal)]);
      } catch (error) {
        app.log.error("a hook failed", {
          plugin,
          hook: name,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }),
  );
}
