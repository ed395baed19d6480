import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadEmbeddedImage } from "../../scripts/evaluator-images/index.ts";
import type { Device } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { mayRunDaemons, startPrivateDaemon } from "./a-private-daemon.ts";
import { needsWithPrograms } from "./a-program.ts";
import { startWaitingSocket } from "./a-waiting-socket.ts";
import { attackingSubmission, calmly, limits, never } from "./attacks/an-attack.ts";

const gpu = (uuid: string): Device => ({ kind: "gpu", uuid });

describe.skipIf(!mayRunDaemons)("a daemon of the test's own", () => {
  it("may be killed in the middle of an evaluation: nobody is blamed, and it goes on once the daemon is back", async () => {
    await using daemon = await startPrivateDaemon();
    await using host = await createTestHost();
    const image = await loadEmbeddedImage(daemon.client);
    const options = dockerRunner.options.parse({ ...limits, image, daemon: daemon.address });
    const live = dockerRunner.create(options, host);
    await using session = await live.open(await needsWithPrograms(host), never);
    const submission = await attackingSubmission(host, "waiting");
    const outcome = await session.run({ submission }, { ...calmly, onProgress: () => void daemon.kill() });
    expect(outcome).toMatchObject({ status: "failed", cause: "infrastructure", code: "DOCKER_UNREACHABLE" });
    await daemon.start();
    expect(await session.run({ submission: null }, calmly)).toMatchObject({ status: "completed" });
    const evaluators = () => daemon.client.listContainers({ all: true });
    await expect.poll(async () => (await evaluators()).length).toBe(1);
  });

  it("may be restarted again and again behind a socket that stays: nobody is blamed for what it ended", async () => {
    await using daemon = await startPrivateDaemon();
    await using host = await createTestHost();
    const path = join(host.dataFolder, "waiting.sock");
    await using _socket = await startWaitingSocket(path, new URL(daemon.address).pathname);
    const image = await loadEmbeddedImage(daemon.client);
    const options = dockerRunner.options.parse({ ...limits, image, daemon: `unix://${path}` });
    await using session = await dockerRunner.create(options, host).open(await needsWithPrograms(host), never);
    const restart = () => daemon.stop().then(() => daemon.start());
    const submission = await attackingSubmission(host, "waiting");
    const outcome = await session.run({ submission }, { ...calmly, onProgress: () => void restart() });
    expect(outcome).toMatchObject({
      cause: "infrastructure",
      code: "EVALUATOR_KILLED",
      message: "the evaluator was ended with its Docker daemon",
    });
    expect(await session.run({ submission: null }, calmly)).toMatchObject({ status: "completed" });
  });

  it("gives each session the GPU that it has a lease on, and no other (a stand-in for NVIDIA's hook)", async () => {
    await using daemon = await startPrivateDaemon({ gpus: true });
    await using host = await createTestHost();
    const image = await loadEmbeddedImage(daemon.client);
    const options = dockerRunner.options.parse({ ...limits, image, daemon: daemon.address, gpus: ["GPU-cccc"] });
    const live = dockerRunner.create(options, host);
    const needs = await needsWithPrograms(host);
    const visibleTo = async (device: Device | null) => {
      await using session = await live.open({ ...needs, device }, never);
      const outcome = await session.run({ submission: await attackingSubmission(host, "secrets") }, calmly);
      const { environment } = outcome.status === "completed" ? Object(outcome.output) : {};
      return [environment.NVIDIA_VISIBLE_DEVICES, environment.NVIDIA_DRIVER_CAPABILITIES];
    };
    expect(await Promise.all([visibleTo(gpu("GPU-aaaa")), visibleTo(gpu("GPU-bbbb"))])).toEqual([
      ["GPU-aaaa", "compute,utility"],
      ["GPU-bbbb", "compute,utility"],
    ]);
    expect(await visibleTo(null)).toEqual(["GPU-cccc", "compute,utility"]);
    expect(await visibleTo({ kind: "cpu", uuid: "CPU-here-0" })).toEqual(["void", undefined]);
    const withOwnProgram = dockerRunner.create(dockerRunner.options.parse({ ...options, command: null }), host);
    const findings = await withOwnProgram.diagnose?.();
    expect(findings?.find(({ name }) => name === "GPUs in containers")).toMatchObject({ status: "ok" });
  });
});
