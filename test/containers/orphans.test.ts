import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { LABEL, ownerLabels, thisOwner } from "../../src/eval-runners/docker/owner.ts";
import { DAEMON, docker, evaluatorImage } from "./a-daemon.ts";

const image = await evaluatorImage();

/** Starts a worker that opens a session, and kills it: what is left is its container. */
async function deadWorkersContainer(): Promise<string> {
  const script = fileURLToPath(new URL("./a-worker.ts", import.meta.url));
  const worker = spawn(process.execPath, [script, image, DAEMON], { stdio: ["ignore", "pipe", "inherit"] });
  await once(worker.stdout, "data");
  const filters = JSON.stringify({ label: [`${LABEL.process}=${worker.pid}`] });
  const [container] = await docker.listContainers({ all: true, filters });
  worker.kill("SIGKILL");
  await once(worker, "exit");
  return container?.Id ?? "";
}

/** A container that does nothing, with these labels. */
async function idleContainer(labels: Record<string, string>): Promise<string> {
  const created = await docker.createContainer({ Image: image, Labels: labels, HostConfig: { NetworkMode: "none" } });
  return created.id;
}
const exists = (id: string) =>
  docker
    .getContainer(id)
    .inspect()
    .then(
      () => true,
      () => false,
    );

describe("what a dead worker leaves", () => {
  it("ends by itself, is removed by the next worker that starts, and nothing else is", async () => {
    const dead = await deadWorkersContainer();
    const inTime = new Date(Date.now() + 60_000);
    const kept = [
      await idleContainer({}),
      await idleContainer({ "com.example.job": "somebody else's" }),
      await idleContainer(ownerLabels(thisOwner(), "of another runner of this process", inTime)),
      await idleContainer({ ...ownerLabels(thisOwner(), "of another machine", inTime), [LABEL.host]: "elsewhere" }),
    ];
    const late = await idleContainer({
      ...ownerLabels(thisOwner(), "of a machine that is gone", new Date(0)),
      [LABEL.host]: "elsewhere",
    });
    try {
      // Nobody holds its stdin any more, so the evaluator has nothing to wait for.
      await expect.poll(async () => (await docker.getContainer(dead).inspect()).State.Running).toBe(false);
      await using host = await createTestHost();
      const live = dockerRunner.create(dockerRunner.options.parse({ image, daemon: DAEMON }), host);
      await live.tidy?.();
      expect(await Promise.all([dead, late].map(exists))).toEqual([false, false]);
      expect(await Promise.all(kept.map(exists))).toEqual(kept.map(() => true));
      expect(host.messages.map(({ message }) => message)).toEqual([
        "removed the container of an evaluator whose worker is gone",
        "removed the container of an evaluator whose worker is gone",
      ]);
    } finally {
      for (const id of kept) await docker.getContainer(id).remove({ force: true });
    }
  });
});
