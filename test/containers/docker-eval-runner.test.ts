import { rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvalSession } from "../../src/core/contract/index.ts";
import { arrangeScriptedWorld, scriptedSubmission } from "../../src/core/contract/testing/scripted-runner-cases.ts";
import { testEvalRunner } from "../../src/core/contract/testing/test-eval-runner.ts";
import { createTestHost, type TestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { LABEL } from "../../src/eval-runners/docker/owner.ts";
import { DAEMON, docker, evaluatorImage, expectNothingLeft, ourContainers } from "./a-daemon.ts";
import { inBase, needsWithPrograms } from "./a-program.ts";
import { markCrashes } from "./mark-crashes.ts";

const never = new AbortController().signal;
const calmly = { timeoutMs: 30_000, signal: never };
const image = await evaluatorImage();
const scripted = { image, daemon: DAEMON, command: inBase("scripted-evaluator.mjs"), memory: 256 * 1024 * 1024 };

const marks = await markCrashes();
afterAll(() => marks.stop());
expectNothingLeft();

testEvalRunner(dockerRunner, {
  options: scripted,
  timeoutMs: 2000,
  arrange(host) {
    marks.watch(host.scratchFolder);
    return arrangeScriptedWorld(host, needsWithPrograms);
  },
});

describe("docker eval runner", () => {
  const withSession = async <T>(
    work: (session: EvalSession, host: TestHost) => Promise<T>,
    options: object = {},
  ): Promise<T> => {
    await using host = await createTestHost();
    const live = dockerRunner.create(dockerRunner.options.parse({ ...scripted, ...options }), host);
    await using session = await live.open(await needsWithPrograms(host), never);
    return await work(session, host);
  };
  const runBehaviour = (behaviour: string, options: object = {}) =>
    withSession(
      async (session, host) => session.run({ submission: await scriptedSubmission(host, behaviour) }, calmly),
      options,
    );

  it("records the image that it ran by its id", async () => {
    expect(await withSession(async ({ record }) => record)).toMatchObject({ runner: "docker", image });
  });

  it.each([
    ["garbage", "EVALUATOR_PROTOCOL"],
    ["other-id", "EVALUATOR_PROTOCOL"],
    ["flood", "EVALUATOR_PROTOCOL"],
    ["many-lines", "EVALUATOR_PROTOCOL"],
    ["crash", "EVALUATOR_CRASHED"],
  ])("blames a submission under which the evaluator answers with %s", async (behaviour, code) => {
    const outcome = await runBehaviour(behaviour, { maxLineBytes: 100_000, maxRequestBytes: 500_000 });
    expect(outcome).toMatchObject({ status: "failed", cause: "submission", code });
  });

  it("keeps the end of the evaluator's log with a failure", async () => {
    expect(await runBehaviour("crash")).toMatchObject({ logTail: "about to crash\n" });
  });

  it("labels a container with its owner, and gives it the hardened profile", async () => {
    await withSession(async () => {
      const [found] = await ourContainers();
      const { HostConfig, Config, NetworkSettings } = await docker.getContainer(found?.Id ?? "").inspect();
      expect(Config).toMatchObject({
        User: expect.stringMatching(/^6[01]\d{3}:6[01]\d{3}$/),
        WorkingDir: "/session",
        Image: image,
        StdinOnce: true,
      });
      expect(Object.keys(Config.Labels).filter((label) => label.startsWith("dev.gradients."))).toEqual(
        expect.arrayContaining(Object.values(LABEL)),
      );
      expect(NetworkSettings.Networks).toEqual({});
      expect(HostConfig).toMatchObject({
        NetworkMode: "none",
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        CapAdd: null,
        SecurityOpt: ["no-new-privileges:true"],
        Privileged: false,
        Memory: 256 * 1024 * 1024,
        MemorySwap: 256 * 1024 * 1024,
        NanoCpus: 1e9,
        PidsLimit: 512,
        IpcMode: "none",
        OomScoreAdj: 500,
        Runtime: "runc",
      });
      expect(HostConfig.Mounts?.map(({ Target, ReadOnly }) => [Target, ReadOnly])).toEqual([
        ["/session", true],
        ["/session/base", true],
      ]);
    });
  });

  it("finds the evaluator's program by the image's own entry point", async () => {
    await using host = await createTestHost();
    const live = dockerRunner.create(dockerRunner.options.parse({ image, daemon: DAEMON }), host);
    const findings = await live.diagnose?.();
    expect(findings?.filter(({ status }) => status === "failed")).toEqual([]);
    expect(findings?.map(({ name }) => name)).toEqual([
      "docker daemon",
      "docker runtime",
      "container size",
      "evaluator image",
      "evaluator in a container",
      "GPUs in containers",
    ]);
  });

  it("names folders as the daemon sees them", async () => {
    await using host = await createTestHost();
    const own = dirname(host.dataFolder);
    const theirs = `${own}-elsewhere`;
    await symlink(own, theirs);
    try {
      const options = dockerRunner.options.parse({ ...scripted, folders: { [own]: theirs } });
      await using session = await dockerRunner.create(options, host).open(await needsWithPrograms(host), never);
      expect(await session.run({ submission: null }, calmly)).toMatchObject({ status: "completed" });
      const [found] = await ourContainers();
      const { HostConfig } = await docker.getContainer(found?.Id ?? "").inspect();
      expect(HostConfig.Mounts?.map(({ Source }) => Source.startsWith(`${theirs}/`))).toEqual([true, true]);
    } finally {
      await rm(theirs);
    }
  });

  it("refuses a base model whose files are links, and says so", async () => {
    await using host = await createTestHost();
    const live = dockerRunner.create(dockerRunner.options.parse(scripted), host);
    const needs = await needsWithPrograms(host);
    await symlink("/etc/passwd", join(needs.basePath, "config.json"));
    await expect(live.open(needs, never)).rejects.toMatchObject({
      code: "BASE_NOT_MOUNTABLE",
      message: expect.stringContaining("config.json is a link"),
    });
  });

  it("ends a container at the end of its life and blames nobody", async () => {
    const outcome = await runBehaviour("hang", { lifetimeMs: 1500 });
    expect(outcome).toMatchObject({ cause: "infrastructure", code: "EVALUATOR_EXPIRED" });
  });
});
