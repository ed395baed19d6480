import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { loadEmbeddedImage } from "../../scripts/evaluator-images/index.ts";
import { arrangeScriptedWorld } from "../../src/core/contract/testing/scripted-runner-cases.ts";
import { testEvalRunner } from "../../src/core/contract/testing/test-eval-runner.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { expectNothingLeft } from "./a-daemon.ts";
import { mayRunDaemons, startPrivateDaemon } from "./a-private-daemon.ts";
import { inBase, needsWithPrograms } from "./a-program.ts";
import { underAttack } from "./attacks/an-attack.ts";
import { baseNumbers, smallTasks } from "./base-numbers.ts";
import { markCrashes } from "./mark-crashes.ts";

const runsc = spawnSync("which", ["runsc"], { encoding: "utf8" }).stdout.trim();
const missing = mayRunDaemons ? (runsc === "" ? "there is no runsc here" : null) : "only root may run a daemon";
if (missing !== null) process.stderr.write(`skipped here: evaluators in gVisor (${missing})\n`);

// A network of its own is refused by some versions under newer kernels, and evaluators have none anyway.
const runtimes = { runsc: { path: runsc, runtimeArgs: ["--network=none"] } };
const daemon = missing === null ? await startPrivateDaemon({ runtimes }) : null;
afterAll(() => daemon?.[Symbol.asyncDispose]());

describe.skipIf(daemon === null)("evaluators in gVisor", async () => {
  if (daemon === null) return;
  const image = await loadEmbeddedImage(daemon.client);
  const inGvisor = { image, daemon: daemon.address, runtime: "runsc" };
  const marks = await markCrashes(daemon.client);
  afterAll(() => marks.stop());
  expectNothingLeft(daemon.client);

  testEvalRunner(dockerRunner, {
    options: { ...inGvisor, command: inBase("scripted-evaluator.mjs") },
    timeoutMs: 4000,
    arrange(host) {
      marks.watch(host.scratchFolder);
      return arrangeScriptedWorld(host, needsWithPrograms);
    },
  });

  it.each(Object.entries(smallTasks))("compute the same bits as outside: %s", async (_name, task) => {
    const inside = await baseNumbers(dockerRunner, inGvisor, task);
    expect(inside.numbers).toEqual((await baseNumbers(localRunner, {}, task)).numbers);
  });

  it("can neither write to what they are given nor reach anybody", () =>
    underAttack(async ({ saw }) => {
      const writes = Object(await saw("write to inputs", { set: "sets/test.jsonl" }));
      expect(Object.keys(writes)).not.toEqual([]);
      for (const how of Object.values(writes)) expect(how).toMatch(/^(EROFS|EACCES|EPERM)$/);
      const { interfaces, tcp } = Object(await saw("connect", { hosts: ["1.1.1.1"], port: 80 }));
      expect({ interfaces, tcp }).toEqual({ interfaces: ["lo"], tcp: [expect.stringMatching(/^E(NET|HOST)UNREACH$/)] });
    }, inGvisor));

  it.each([
    ["memory bomb", "EVALUATOR_OUT_OF_MEMORY"],
    // Its own kernel counts no files: they take memory until there is no more.
    ["inode fill", "EVALUATOR_OUT_OF_MEMORY"],
    // And it ends as a whole where it gets no further thread.
    ["fork bomb", "EVALUATOR_CRASHED"],
    ["a pretended kill", "EVALUATOR_CRASHED"],
    ["killing itself", "EVALUATOR_CRASHED"],
  ])("are ended by a submission's %s, which is charged to it", (attack, code) =>
    underAttack(async (attacked) => {
      expect(await attacked.attack(attack)).toMatchObject({ cause: "submission", code });
    }, inGvisor),
  );
});
