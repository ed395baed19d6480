import { expect, it } from "vitest";
import { InfrastructureError } from "../../core/contract/index.ts";
import { startContainer } from "./container-program.ts";
import type { Daemon } from "./daemon.ts";
import { dockerOptions } from "./options.ts";

const options = dockerOptions.parse({ image: `sha256:${"0".repeat(64)}` });
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** What becomes of a container whose creation fails so, and which one is to be removed again later. */
async function failingToCreate(code: string) {
  const unexpected = () => Promise.reject(new Error("nobody asks for this"));
  const removed: string[] = [];
  const daemon: Daemon = {
    info: unexpected,
    inspectImage: unexpected,
    create: () => Promise.reject(new InfrastructureError(code, "no")),
    attach: unexpected,
    start: unexpected,
    inspect: unexpected,
    kill: () => Promise.resolve(),
    remove: async (name) => void removed.push(name),
    remember: unexpected,
    withLabel: unexpected,
  };
  const leftBehind: string[] = [];
  const onLeftBehind = (name: string) => leftBehind.push(name);
  const end = await startContainer({ daemon, name: "c", create: {}, options, log, onLeftBehind }).ended;
  return { end, removed, leftBehind };
}

it("tries again to remove a container that a slow daemon may create after all", async () => {
  const { end, removed, leftBehind } = await failingToCreate("DOCKER_TIMEOUT");
  expect(end).toMatchObject({ code: "DOCKER_TIMEOUT", blameless: true });
  expect({ removed, leftBehind }).toEqual({ removed: ["c"], leftBehind: ["c"] });
});

it("forgets a container that was refused", async () => {
  expect(await failingToCreate("IMAGE_MISSING")).toMatchObject({ removed: ["c"], leftBehind: [] });
});
