import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  defineArtifactStore,
  defineEvalRunner,
  definePlugin,
  defineTaskRule,
  defineWeightPublisher,
  type PluginHost,
} from "../contract/index.ts";
import { createLive, type PluginChoices } from "./live-plugins.ts";
import { createRegistry } from "./registry.ts";

const unused = () => {
  throw new Error("not used in this test");
};
const rule = (name: string) =>
  defineTaskRule({
    name,
    source: "test",
    description: "Judges nothing.",
    options: z.strictObject({ limit: z.number().default(3) }),
    judge: () => ({ findings: [], notices: [] }),
  });
const created: string[] = [];
const plugin = definePlugin({
  name: "test",
  version: "1.0.0",
  provides: [
    rule("b-rule"),
    rule("a-rule"),
    defineEvalRunner({
      name: "runner",
      isolation: "process",
      options: z.strictObject({ gpus: z.int() }),
      create: () => ({ open: unused }),
    }),
    defineArtifactStore({
      name: "store",
      options: z.strictObject({}),
      create: (_, host) => {
        created.push(host.dataFolder);
        return { put: unused, open: unused, copyTo: unused, stat: unused, remove: unused };
      },
    }),
    defineWeightPublisher({
      name: "broken",
      options: z.strictObject({}),
      create: () => {
        throw new Error("the disk is full");
      },
    }),
    defineWeightPublisher({
      name: "runner",
      options: z.strictObject({ topic: z.string() }),
      create: ({ topic }) => {
        created.push(topic);
        return { publish: unused };
      },
    }),
    defineWeightPublisher({
      name: "late",
      options: z.strictObject({}),
      // As JavaScript allows it.
      create: () => Object(Promise.resolve({ publish: unused })),
    }),
  ],
});

const hostFor = (name: string): PluginHost => ({
  dataFolder: `/data/${name}`,
  scratchFolder: `/scratch/${name}`,
  log: { info() {}, warn() {} },
  ledger: { append: unused },
});
const choices: PluginChoices = {
  evalRunner: { name: "runner", options: { gpus: 1 } },
  artifactStore: { name: "store" },
  synthesizer: null,
  weightPublishers: [],
};
function live(changes: Partial<PluginChoices> = {}) {
  const registry = createRegistry([{ plugin, origin: "test" }]);
  if (!registry.ok) throw new Error("the plugin of this test is malformed");
  created.length = 0;
  return createLive(registry.value, { ...choices, ...changes }, hostFor);
}

describe("createLive", () => {
  it("makes each chosen thing with folders of its own", () => {
    expect(live()).toMatchObject({ ok: true, value: { synthesizer: null } });
    expect(created).toEqual(["/data/store"]);
  });

  it("gives rules their defaults or the operator's options, in the order of names", () => {
    const result = live({ ruleOptions: { "b-rule": { limit: 5 } } });
    expect(result.ok && result.value.rules.map(({ rule: { name }, options }) => [name, options])).toEqual([
      ["a-rule", { limit: 3 }],
      ["b-rule", { limit: 5 }],
    ]);
  });

  it("leaves out disabled rules", () => {
    const result = live({ disabledRules: ["a-rule"] });
    expect(result.ok && result.value.rules.map(({ rule: { name } }) => name)).toEqual(["b-rule"]);
  });

  it("reports every wrong name and option at once and makes nothing", () => {
    const result = live({
      evalRunner: { name: "runner", options: { gpus: "two" } },
      synthesizer: { name: "poet" },
      ruleOptions: { "a-rule": { limt: 5 }, "c-rule": {} },
      disabledRules: ["d-rule"],
      optionNames: ["store", "stroe"],
    });
    expect(result.ok ? [] : result.error.map(({ code, origin }) => `${code} ${origin}`)).toEqual([
      "PLUGIN_NOT_REGISTERED stroe",
      "PLUGIN_BAD_OPTIONS runner",
      "PLUGIN_NOT_REGISTERED poet",
      "PLUGIN_NOT_REGISTERED c-rule",
      "PLUGIN_NOT_REGISTERED d-rule",
      "PLUGIN_BAD_OPTIONS a-rule",
    ]);
    expect(created).toEqual([]);
  });

  it("gives namesakes of different kinds each its own of the options under their name", () => {
    const both = (options: object) =>
      live({ evalRunner: { name: "runner", options }, weightPublishers: [{ name: "runner", options }] });
    expect(both({ gpus: 1, topic: "weights" })).toMatchObject({ ok: true });
    expect(created).toEqual(["/data/store", "weights"]);
    const result = both({ gpus: 1, topic: "weights", gpu: 2 });
    expect(result.ok ? [] : result.error.map(({ message }) => message)).toEqual([
      expect.stringMatching(/eval runner runner .*"gpu"/),
      expect.stringMatching(/weight publisher runner .*"gpu"/),
    ]);
  });

  it.each([
    ["broken", "the weight publisher broken could not be started: the disk is full"],
    ["late", "what create returned has no function publish: create must not be async"],
  ])("names the plugin that can't be started: %s", (name, message) => {
    expect(live({ weightPublishers: [{ name }] })).toMatchObject({
      ok: false,
      error: [{ code: "PLUGIN_CREATE_FAILED", origin: name, message: expect.stringContaining(message) }],
    });
  });
});
