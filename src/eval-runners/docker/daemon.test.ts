import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDaemon, type Daemon } from "./daemon.ts";
import { dockerOptions } from "./options.ts";

const image = `sha256:${"0".repeat(64)}`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-daemon-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Asks a daemon that answers every request with this; null answers none. */
async function asking<T>(answer: { status: number; message: string } | null, ask: (daemon: Daemon) => Promise<T>) {
  const path = join(folder, "docker.sock");
  const server: Server = createServer((_request, response) => {
    if (answer) response.writeHead(answer.status).end(JSON.stringify({ message: answer.message }));
  }).listen(path);
  await once(server, "listening");
  try {
    const options = dockerOptions.parse({ image, daemon: `unix://${path}`, deadlines: { callMs: 50, startMs: 50 } });
    return await ask(connectDaemon(options));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("a daemon that fails", () => {
  it("is not waited for when it hangs", async () => {
    await expect(asking(null, (daemon) => daemon.start("x"))).rejects.toMatchObject({
      name: "InfrastructureError",
      code: "DOCKER_TIMEOUT",
      message: expect.stringMatching(/did not start a container within 50 ms/),
    });
  });

  it("is missed where there is none", async () => {
    const options = dockerOptions.parse({ image, daemon: "unix:///there/is/none.sock" });
    await expect(connectDaemon(options).info()).rejects.toMatchObject({ code: "DOCKER_UNREACHABLE" });
  });

  it.each([
    [404, `No such image: ${image}`, "IMAGE_MISSING"],
    [400, "Unknown runtime specified runsc", "RUNTIME_MISSING"],
    [500, 'could not select device driver "nvidia" with capabilities: [[gpu]]', "GPU_UNAVAILABLE"],
    [500, "nvidia-container-cli: device error: GPU-aaaa: unknown device", "GPU_UNAVAILABLE"],
    [500, "no space left on device", "DOCKER_FAILED"],
  ])("is understood when it answers %i %s", async (status, message, code) => {
    const failure = asking({ status, message }, (daemon) => daemon.start("x"));
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each([
    [404, "No such container: x"],
    [409, "removal of container x is already in progress"],
  ])("has nothing to remove when it answers %i %s", async (status, message) => {
    await expect(asking({ status, message }, (daemon) => daemon.remove("x"))).resolves.toBeUndefined();
  });
});

describe("the options of the docker runner", () => {
  it.each(["node:24", "gradients/evaluator@sha256:12", "sha256:abc", `UPPER@sha256:${"0".repeat(64)}`])(
    "refuse the image %s, which may change or is none",
    (wrong) => expect(dockerOptions.safeParse({ image: wrong }).success).toBe(false),
  );

  it.each([image, `registry.example.com:5000/gradients/evaluator@${image}`])("take the pinned image %s", (pinned) =>
    expect(dockerOptions.parse({ image: pinned })).toMatchObject({ image: pinned, runtime: "runc", gpus: "none" }),
  );
});
