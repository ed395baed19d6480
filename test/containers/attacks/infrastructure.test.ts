import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTestHost } from "../../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../../src/eval-runners/docker/index.ts";
import { docker, evaluatorImage, expectNothingLeft, ourContainers } from "../a-daemon.ts";
import { startFaultyDaemon } from "../a-faulty-daemon.ts";
import { needsWithPrograms } from "../a-program.ts";
import { limits, never, underAttack, type Attacked } from "./an-attack.ts";

/** Lets the attack `waiting` go on. */
const letGo = ({ host }: Attacked) => {
  for (const session of readdirSync(host.scratchFolder)) writeFileSync(join(host.scratchFolder, session, "go"), "");
};
const killAll = async () => {
  for (const { Id } of await ourContainers()) await docker.getContainer(Id).kill();
};

/** Opening a session with these options and this device. */
async function opening(options: object, device: { kind: "gpu"; uuid: string } | null = null): Promise<void> {
  await using host = await createTestHost();
  const image = await evaluatorImage();
  const live = dockerRunner.create(dockerRunner.options.parse({ ...limits, image, ...options }), host);
  await using session = await live.open({ ...(await needsWithPrograms(host)), device }, never);
  expect(session.record.runner).toBe("docker");
}

expectNothingLeft();

describe("an evaluation whose ground gives way", () => {
  it("is done again when somebody ends its container", () =>
    underAttack(async (attacked) => {
      let tries = 0;
      const onProgress = () => {
        tries += 1;
        if (tries === 1) void killAll();
        else letGo(attacked);
      };
      expect(await attacked.attack("waiting", {}, { onProgress })).toMatchObject({ status: "completed" });
      expect(tries).toBe(2);
    }));

  it("is nobody's fault when somebody ends its container again and again", () =>
    underAttack(async ({ attack }) => {
      const outcome = await attack("waiting", {}, { onProgress: () => void killAll() });
      expect(outcome).toMatchObject({ cause: "infrastructure", code: "EVALUATOR_KILLED" });
    }));

  it("is nobody's fault when a GPU that was leased is gone", async () => {
    await expect(opening({}, { kind: "gpu", uuid: "GPU-aaaa" })).rejects.toMatchObject({
      name: "InfrastructureError",
      code: "GPU_UNAVAILABLE",
      message: expect.stringContaining("NVIDIA Container Toolkit"),
    });
  });

  it.each([
    ["an image", { image: `sha256:${"0".repeat(64)}` }, "IMAGE_MISSING"],
    ["a runtime", { runtime: "no-such-runtime" }, "RUNTIME_MISSING"],
    ["a CPU", { cpus: 1024 }, "CPUS_MISSING"],
    ["a daemon", { daemon: "unix:///there/is/none.sock" }, "DOCKER_UNREACHABLE"],
  ])("says exactly what is missing where %s is, and leaves the task to other workers", async (_, options, code) => {
    await expect(opening(options)).rejects.toMatchObject({ name: "InfrastructureError", code });
    await using host = await createTestHost();
    const given = { ...limits, image: await evaluatorImage(), ...options };
    const live = dockerRunner.create(dockerRunner.options.parse(given), host);
    await expect(live.ready?.()).rejects.toMatchObject({ name: "InfrastructureError", code });
  });

  it("waits for no daemon that hangs when it starts a container", async () => {
    await using daemon = await startFaultyDaemon(/^POST .*\/start/);
    const options = { daemon: daemon.address, deadlines: { startMs: 300 } };
    await expect(opening(options)).rejects.toMatchObject({ name: "InfrastructureError", code: "DOCKER_TIMEOUT" });
  });

  it("waits for no daemon that hangs when it creates one, and removes what it created all the same", async () => {
    await using daemon = await startFaultyDaemon(/^POST .*\/create/);
    const options = { daemon: daemon.address, deadlines: { createMs: 300 } };
    await expect(opening(options)).rejects.toMatchObject({ name: "InfrastructureError", code: "DOCKER_TIMEOUT" });
  });

  it("removes a container that the daemon would not remove as soon as it does again", async () => {
    await using daemon = await startFaultyDaemon(/^DELETE /);
    await using host = await createTestHost();
    const given = { ...limits, image: await evaluatorImage(), daemon: daemon.address, deadlines: { removeMs: 300 } };
    const live = dockerRunner.create(dockerRunner.options.parse(given), host);
    const needs = await needsWithPrograms(host);
    await (await live.open(needs, never))[Symbol.asyncDispose]();
    expect(await ourContainers()).toHaveLength(1);
    expect(host.messages).toMatchObject([{ level: "warn", message: expect.stringContaining("could not be removed") }]);
    daemon.mend();
    await (await live.open(needs, never))[Symbol.asyncDispose]();
    await expect.poll(() => ourContainers()).toEqual([]);
  });
});
