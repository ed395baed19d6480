import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { childEnvironment } from "../../src/core/infra/config/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { createKeyFile } from "../../src/sdk/index.ts";
import { closeGate } from "./gate.ts";
import { ask } from "./outcome.ts";
import { openWorld, plantSeed, type World, type WorldSeed } from "./small-world.ts";

let seed: WorldSeed;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  seed = await plantSeed();
}, 60_000);
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});
afterAll(() => seed.remove());

/** `gradients miner run` for one task, in a process of its own. */
function startDora(world: World, runs: string): ChildProcess {
  const trainer = fileURLToPath(new URL("counting-trainer.ts", import.meta.url));
  const files = { "--key-file": "dora.json", "--strategy": "dora-strategy.json", "--state": "dora" };
  const exec = `"${process.execPath}" "${trainer}" "${runs}"`;
  const args = ["--url", world.url, "--name", "dora", "--once", "--json", "--exec", exec].concat(
    ...Object.entries(files).map(([option, file]) => [option, join(world.folder, file)]),
  );
  const child = spawn(process.execPath, [join(packageFolder, "dist", "src", "cli.js"), "miner", "run", ...args], {
    env: childEnvironment({}),
    stdio: ["ignore", "ignore", "inherit"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

it(
  "a miner that is killed with a finished model submits it after its restart, without training again",
  { timeout: 60_000 },
  async () => {
    const others = Promise.withResolvers<void>();
    await using world = await openWorld(seed, {
      name: "miner-restarted",
      settings: { GRADIENTS_POOL_MIN: "4", GRADIENTS_POOL_MAX: "4", GRADIENTS_MIN_MINERS: "4" },
      wrapMaker: (_name, usual) => async (order) => {
        await usual(order);
        await others.promise;
      },
    });
    await using _others = { [Symbol.asyncDispose]: async () => others.resolve() };
    const runs = join(world.folder, "runs");
    const strategy = { method: "lora", rank: 2, alpha: 4, learningRate: 1e-2, batchSize: 4, steps: 2, seed: 4 };
    await createKeyFile(join(world.folder, "dora.json"));
    await writeFile(join(world.folder, "dora-strategy.json"), JSON.stringify(strategy));

    const killed = startDora(world, runs);
    await vi.waitUntil(async () => (await ask(world.databaseUrl, "select from miners")).length === 4, {
      timeout: 20_000,
    });
    const uploading = await closeGate(world.databaseUrl, { table: "uploads", rows: 0 });
    const taskId = await world.postTask();
    await uploading.reached();
    killed.kill("SIGKILL");
    await once(killed, "exit");
    await uploading.open();

    const again = once(startDora(world, runs), "exit");
    others.resolve();
    expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
    expect(await again).toEqual([0, null]);
    expect(await readFile(runs, "utf8")).toBe("trained\n");
    const sealed = "select from submissions s join miners m on m.id = s.miner_id where m.name = 'dora'";
    expect(await ask(world.databaseUrl, sealed)).toHaveLength(1);
    expect(await ask(world.databaseUrl, "select from uploads")).toHaveLength(4);
  },
);

it(
  "a miner whose clock is a minute ahead takes offers all the same: the server's clock decides",
  { timeout: 60_000 },
  async () => {
    const realNow = Date.now;
    const ahead = vi.spyOn(Date, "now").mockImplementation(() => realNow() + 60_000);
    try {
      await using world = await openWorld(seed, { name: "clock-ahead" });
      expect(await world.finish(await world.postTask())).toMatchObject({ status: "SCORED" });
    } finally {
      ahead.mockRestore();
    }
  },
);
