import { afterEach, describe, expect, it, vi } from "vitest";
import type { Hooks } from "../contract/index.ts";
import { runHooks } from "./hooks.ts";

type App = Parameters<typeof runHooks>[0];

/** An app with these observers, each a plugin's, and what is logged of them. */
function observedBy(...observers: readonly Hooks[]) {
  const logged: unknown[] = [];
  const hooks = observers.map((one, index) => ({ plugin: `plugin-${index}`, hooks: one }));
  const app: App = { registry: { hooks }, log: { error: (_message, fields) => logged.push(fields) } };
  return { app, logged };
}

const scored = { name: "taskScored", event: { taskId: "a task" } };

describe("hooks", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("are all told, whatever becomes of the others", async () => {
    const heard: string[] = [];
    const { app, logged } = observedBy(
      { taskScored: ({ taskId }) => void heard.push(taskId) },
      { taskScored: () => expect.fail("no luck") },
      { submissionSealed: () => expect.fail("of another event") },
      { taskScored: async ({ taskId }) => void heard.push(taskId) },
    );
    await runHooks(app, scored);
    expect(heard).toEqual(["a task", "a task"]);
    expect(logged).toEqual([{ plugin: "plugin-1", hook: "taskScored", reason: "no luck" }]);
  });

  it("that never end are left alone when their time is over, and named", async () => {
    const time = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(time.signal);
    const { app, logged } = observedBy({ taskScored: () => new Promise(() => {}) });
    const told = runHooks(app, scored);
    time.abort(new Error("it is late"));
    await told;
    expect(logged).toEqual([{ plugin: "plugin-0", hook: "taskScored", reason: "it is late" }]);
  });
});
