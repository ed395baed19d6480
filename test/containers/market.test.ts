import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LABEL } from "../../src/eval-runners/docker/owner.ts";
import { ask, outcomeOf } from "../flows/outcome.ts";
import { openWorld, plantSeed, type World, type WorldSeed } from "../flows/small-world.ts";
import { DAEMON, docker, evaluatorImage } from "./a-daemon.ts";

const image = await evaluatorImage();

/** What an operator sets to have evaluations in containers. */
const inContainers = (daemon: string) => ({
  GRADIENTS_EVAL_RUNNER: "docker",
  GRADIENTS_PLUGIN_OPTIONS: JSON.stringify({ docker: { image, daemon } }),
});

const recordsOf = (world: World) =>
  ask<{ runner: string; image: string; evaluator: string }>(
    world.databaseUrl,
    "select record->>'runner' as runner, record->>'image' as image, record->>'evaluator' as evaluator from evaluations",
  );
const logOf = (world: World): Promise<string> => readFile(join(world.folder, "server.log"), "utf8");

/** Signs of life that a busy machine keeps up with. */
const CALM = { GRADIENTS_LEASE_HEARTBEAT_SECONDS: "3" };

let seed: WorldSeed;
beforeAll(async () => {
  seed = await plantSeed();
});
afterAll(() => seed.remove());

describe("a market whose evaluations run in containers", () => {
  it("scores a task with the losses that child processes have", async () => {
    const run = async (name: string, settings: Readonly<Record<string, string>>) => {
      await using world = await openWorld(seed, { name, settings: { ...CALM, ...settings } });
      const taskId = await world.postTask();
      expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
      return { taskId, outcome: await outcomeOf(world.databaseUrl), records: await recordsOf(world) };
    };
    const local = await run("local", {});
    const contained = await run("contained", inContainers(DAEMON));
    expect(contained.records).toEqual(
      Array.from({ length: 4 }, () => ({ runner: "docker", image, evaluator: "embedded" })),
    );
    expect(contained.outcome.evaluations).toEqual(local.outcome.evaluations);
    expect(contained.outcome.scores).toEqual(local.outcome.scores);
    const filters = JSON.stringify({ label: [`${LABEL.task}=${contained.taskId}`] });
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  });

  it("lets a task wait for a worker that has a daemon, and says what the other one lacks", async () => {
    await using world = await openWorld(seed, { name: "waiting", settings: { ...CALM, GRADIENTS_ROLE: "api" } });
    const without = await world.startWorker(inContainers("unix:///there/is/no/docker.sock"));
    const taskId = await world.postTask();
    await vi.waitUntil(async () => (await logOf(world)).includes("evaluations wait for another worker"), {
      timeout: 60_000,
    });
    expect(await logOf(world)).toContain("there is no Docker daemon at unix:///there/is/no/docker.sock");
    const having = await world.startWorker(inContainers(DAEMON));
    expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
    expect(await ask(world.databaseUrl, "select blocked, attempt from tasks, evaluations")).toEqual(
      Array.from({ length: 4 }, () => ({ blocked: null, attempt: 1 })),
    );
    expect([await without.stop(), await having.stop()]).toEqual([0, 0]);
  });
});
