import assert from "node:assert/strict";
import Docker from "dockerode";
import { afterEach } from "vitest";
import { loadEmbeddedImage } from "../../scripts/evaluator-images/index.ts";
import { KIND, LABEL } from "../../src/eval-runners/docker/owner.ts";

/** Where tests look for a daemon: where Docker's own tools do. */
export const DAEMON = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/** A client of the daemon at an address like `unix:///var/run/docker.sock`. */
export function clientOf(address: string): Docker {
  const url = new URL(address);
  return url.protocol === "unix:"
    ? new Docker({ socketPath: url.pathname })
    : new Docker({ protocol: "http", host: url.hostname, port: Number(url.port) });
}

export const docker = clientOf(DAEMON);

let image: Promise<string> | undefined;

/** The embedded evaluator's image, with Node and nothing else that could be run, in the tests' daemon. */
export const evaluatorImage = (): Promise<string> => (image ??= loadEmbeddedImage(docker));

/** Checks after each test that no container of an evaluator is left. */
export function expectNothingLeft(client: Docker = docker): void {
  afterEach(async () => assert.deepEqual(await ourContainers(client), []));
}

/** All containers of evaluators that this process's runners have left, running or not. */
export async function ourContainers(client: Docker = docker): Promise<readonly Docker.ContainerInfo[]> {
  const labels = [`${LABEL.kind}=${KIND}`, `${LABEL.process}=${process.pid}`];
  return client.listContainers({ all: true, filters: JSON.stringify({ label: labels }) });
}
