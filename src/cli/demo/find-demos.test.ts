import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDemo } from "./demo-file.ts";
import { chooseDemos, findDemos } from "./find-demos.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-demos-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const strategy = { method: "full", learningRate: 1e-3, batchSize: 8, steps: 10, warmup: 1, schedule: "cosine" };

async function write(path: string, content: object): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, JSON.stringify(content));
}

/** A package of an operator's folder that brings a task and these miners. */
async function aPackage(name: string, miners: readonly object[], more: object = {}): Promise<string> {
  const home = join(folder, "node_modules", name);
  await write(join(home, "package.json"), { name, exports: "./index.js" });
  await write(join(home, "index.js"), {});
  await write(join(home, "data", "task.json"), { kind: "riddles" });
  await write(join(home, "data", "demo.json"), { lossUnit: "nats", miners, ...more });
  return join(home, "data", "demo.json");
}

describe("what the demo can show", () => {
  it("is a task of every kind that ships, the default first, each with a copier, an untouched base and four trainers", async () => {
    const demos = await findDemos([], folder);
    expect(demos.length).toBeGreaterThanOrEqual(4);
    expect(demos.map(({ isDefault }) => isDefault)).toEqual(demos.map((_, index) => index === 0));
    for (const { places } of demos) {
      const kinds = places.map(({ role }) => role.kind);
      expect(kinds).toEqual(expect.arrayContaining(["copier", "untouched"]));
      expect(kinds.filter((kind) => kind === "trainer").length).toBeGreaterThanOrEqual(4);
    }
    expect(new Set(demos.map(({ places }) => places.map(({ name }) => name).join())).size).toBe(1);
  });

  it("is what the operator's plugins bring, too", async () => {
    await aPackage("riddler", [{ name: "ada", strategy }]);
    const demos = await findDemos(["builtin", "riddler", "not-installed"], folder);
    expect(demos.at(-1)).toMatchObject({ kind: "riddles", isDefault: false, lossUnit: "nats" });
    expect(chooseDemos(demos, "riddles")).toEqual(demos.slice(-1));
  });

  it("may come with a trainer of its own, named from where the file is", async () => {
    const file = await aPackage("own-trainer", [{ name: "ada", strategy }], { trainer: "../train.js" });
    expect(await readDemo(file, false)).toMatchObject({ trainer: join(file, "..", "..", "train.js") });
    expect(await readDemo(await aPackage("riddler", [{ name: "ada", strategy }]), false)).toMatchObject({
      trainer: null,
    });
  });

  it("is chosen by kinds, all of them, or by default", async () => {
    const demos = await findDemos([], folder);
    const [first, second, third] = demos;
    expect(chooseDemos(demos, null)).toEqual([first]);
    expect(chooseDemos(demos, "all")).toEqual(demos);
    expect(chooseDemos(demos, `${third?.kind}, ${second?.kind},${third?.kind}`)).toEqual([third, second]);
  });

  it.each(["nothing-like-it", "", ","])("refuses %j as a list of kinds, with the known ones", async (types) => {
    const demos = await findDemos([], folder);
    expect(() => chooseDemos(demos, types)).toThrow(`Known: ${demos.map(({ kind }) => kind).join(", ")}, and all.`);
  });
});

describe("a demo.json", () => {
  it.each([
    ["a copier before the copied", [{ name: "cat", copyOf: "ada" }], "miners.0: cat copies ada, who must come before"],
    ["two of one name", [1, 2].map(() => ({ name: "ada", strategy })), "miners.1: there is another ada"],
    ["a miner that does nothing", [{ name: "ada" }], "miners.0: expected one of strategy, copyOf and untouched"],
    ["one that does two things", [{ name: "ada", strategy, untouched: true }], "miners.0: expected one of"],
    [
      "a strategy without a rate",
      [{ name: "ada", strategy: { ...strategy, learningRate: 0 } }],
      "miners.0.strategy.learningRate",
    ],
  ])("with %s is refused, with its place", async (_, miners, problem) => {
    await expect(readDemo(await aPackage("broken", miners), false)).rejects.toThrow(problem);
  });
});
