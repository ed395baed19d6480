import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadEmbeddedImage } from "../../scripts/evaluator-images/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { LABEL, ownerLabels, thisOwner } from "../../src/eval-runners/docker/owner.ts";
import { mayRunDaemons, startPrivateDaemon, type PrivateDaemon } from "./a-private-daemon.ts";

/** A daemon of its own: workers of other tests, when they start, would remove what this one leaves behind. */
interface Ground extends PrivateDaemon {
  readonly image: string;
}

/** Starts a worker that opens a session, and kills it: what is left is its container. */
async function deadWorkersContainer({ client, address, image }: Ground, folder: string): Promise<string> {
  const script = fileURLToPath(new URL("./a-worker.ts", import.meta.url));
  const worker = spawn(process.execPath, [script, image, address], {
    stdio: ["ignore", "pipe", "inherit"],
    // A killed process removes no temporary files.
    env: { ...process.env, TMPDIR: folder },
  });
  await once(worker.stdout, "data");
  const filters = JSON.stringify({ label: [`${LABEL.process}=${worker.pid}`] });
  const [container] = await client.listContainers({ all: true, filters });
  worker.kill("SIGKILL");
  await once(worker, "exit");
  return container?.Id ?? "";
}

/** A container that does nothing, with these labels. */
async function idleContainer({ client, image }: Ground, labels: Record<string, string>): Promise<string> {
  const created = await client.createContainer({ Image: image, Labels: labels, HostConfig: { NetworkMode: "none" } });
  return created.id;
}
const exists = ({ client }: Ground, id: string) =>
  client
    .getContainer(id)
    .inspect()
    .then(
      () => true,
      () => false,
    );

describe.skipIf(!mayRunDaemons)("what a dead worker leaves", () => {
  it("ends by itself, is removed by the next worker that starts, and nothing else is", async () => {
    await using daemon = await startPrivateDaemon();
    const ground: Ground = { ...daemon, image: await loadEmbeddedImage(daemon.client) };
    await using host = await createTestHost();
    const dead = await deadWorkersContainer(ground, host.dataFolder);
    const inTime = new Date(Date.now() + 60_000);
    const kept = [
      await idleContainer(ground, {}),
      await idleContainer(ground, { "com.example.job": "somebody else's" }),
      await idleContainer(ground, ownerLabels(thisOwner(), "of another runner of this process", inTime)),
      await idleContainer(ground, {
        ...ownerLabels(thisOwner(), "of another machine", inTime),
        [LABEL.host]: "elsewhere",
      }),
    ];
    const late = await idleContainer(ground, {
      ...ownerLabels(thisOwner(), "of a machine that is gone", new Date(0)),
      [LABEL.host]: "elsewhere",
    });
    // Nobody holds its stdin any more, so the evaluator has nothing to wait for.
    await expect.poll(async () => (await daemon.client.getContainer(dead).inspect()).State.Running).toBe(false);
    const live = dockerRunner.create(dockerRunner.options.parse({ image: ground.image, daemon: daemon.address }), host);
    await live.tidy?.();
    expect(await Promise.all([dead, late].map((id) => exists(ground, id)))).toEqual([false, false]);
    expect(await Promise.all(kept.map((id) => exists(ground, id)))).toEqual(kept.map(() => true));
    expect(host.messages.map(({ message }) => message)).toEqual([
      "removed the container of an evaluator whose worker is gone",
      "removed the container of an evaluator whose worker is gone",
    ]);
  });
});
