import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  advanceTask,
  cancelTask,
  ensureOperator,
  failTask,
  handleJob,
  scheduleSyntheticTasks,
  syntheticSourceProblems,
  type App,
  type Settings,
  type TaskRecord,
} from "../../src/core/app/index.ts";
import { parseConfig } from "../../src/core/infra/config/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";
import { blocksOf } from "../docs/a-page.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { valueOf } from "../intake/result.ts";
import { anOperator, BASE, postTask, shippedBases } from "./a-market.ts";

type Synthetic = Settings["synthetic"];
type Source = Synthetic["sources"][number];

const dataset = (name: string) =>
  ({ from: "file", path: join(packageFolder, "datasets", name, "rows.jsonl") }) as const;

const source = (given: Partial<Source> & Pick<Source, "kind">): Source => ({
  title: `about ${given.kind}`,
  baseModel: BASE,
  dataset: dataset("translate-names"),
  spec: {},
  budgetSeconds: null,
  rows: 12,
  ...given,
});

/** Sources as the configuration reads them. */
const configured = (sources: string): readonly Source[] => {
  const config = parseConfig(
    { GRADIENTS_SYNTHETIC_SOURCES: sources },
    { workingFolder: join(packageFolder, "datasets"), packageFolder },
  );
  if (!config.ok) throw new Error(config.error.join("\n"));
  return config.value.settings.synthetic.sources;
};

/** What ships as an example. */
const shipped = (): readonly Source[] => configured("synthetic-sources.json");

/** One source for each of three task types. */
const SOURCES: readonly Source[] = [
  source({ kind: "instruct" }),
  source({ kind: "dpo", dataset: dataset("preferences") }),
  source({ kind: "grpo", dataset: dataset("arithmetic") }),
];

const settings = (synthetic: Partial<Synthetic>): Settings => ({
  ...TEST_SETTINGS,
  synthetic: { enabled: true, maxActive: 3, shares: {}, sources: SOURCES, ...synthetic },
});

const world = withTestApp({ parts: { bases: shippedBases } });

/** The app with these settings, over a market without tasks. */
async function aMarket(synthetic: Partial<Synthetic>): Promise<App> {
  const app = { ...world.app, settings: settings(synthetic) };
  await ensureOperator(app, "gr_operator_0123456789abcdef");
  for (const { id, status } of await app.store.find("tasks", {})) {
    if (status !== "CANCELLED" && status !== "FAILED") valueOf(await cancelTask(app, anOperator, { taskId: id }));
  }
  world.clock.advance(25 * 60 * 60 * 1_000);
  return app;
}

const synthetic = (app: App): Promise<readonly TaskRecord[]> =>
  app.store.find("tasks", { origin: "SYNTHETIC", status: "QUEUED" }, { orderBy: { createdAt: "asc", id: "asc" } });

it("synthetic tasks fill the market up to the operator's number, organic ones counted first", async () => {
  const app = await aMarket({ maxActive: 5 });
  await postTask(app);
  await postTask(app);
  await scheduleSyntheticTasks(app);
  const made = await synthetic(app);
  expect(made).toHaveLength(3);
  for (const { datasetRows, initialBudgetSeconds } of made) {
    expect(datasetRows).toBe(12);
    // Eq 3: 1 to 3 hours for less than 10,000 rows.
    expect(initialBudgetSeconds).toBeGreaterThanOrEqual(3_600);
    expect(initialBudgetSeconds).toBeLessThanOrEqual(3 * 3_600);
  }
  await postTask(app);
  await scheduleSyntheticTasks(app);
  expect(await synthetic(app)).toHaveLength(3);
});

it("nothing is made unless the operator has switched it on", async () => {
  const app = await aMarket({ enabled: false });
  await scheduleSyntheticTasks(app);
  expect(await synthetic(app)).toEqual([]);
});

it("the end of a task brings the next one", async () => {
  const app = await aMarket({ maxActive: 2 });
  await scheduleSyntheticTasks(app);
  const [first] = await synthetic(app);
  valueOf(await cancelTask(app, anOperator, { taskId: first?.id ?? "" }));
  await handleJob(app, { name: "scheduleSynthetic", data: {} });
  const now = await synthetic(app);
  expect(now).toHaveLength(2);
  expect(now.map(({ id }) => id)).not.toContain(first?.id);
});

it("the mix makes up for what customers asked for, and comes close to the shares", async () => {
  const app = await aMarket({ maxActive: 16, shares: { instruct: 0.25, dpo: 0.1, grpo: 0.3 } });
  for (let organic = 0; organic < 6; organic += 1) await postTask(app);
  await scheduleSyntheticTasks(app);
  const made = await synthetic(app);
  const count = (kind: string) => made.filter((task) => task.kind === kind).length;
  // Of 16 tasks 6 are instruct already, which is what its share of 25/65 amounts to.
  expect(count("instruct")).toBeLessThanOrEqual(1);
  expect(Math.abs(count("dpo") - 16 * (0.1 / 0.65))).toBeLessThanOrEqual(1);
  expect(Math.abs(count("grpo") - 16 * (0.3 / 0.65))).toBeLessThanOrEqual(1);
});

it("any number of processes that fill the market at once make no task twice and none too many", async () => {
  const app = await aMarket({ maxActive: 4 });
  const before = await app.store.count("tasks", { origin: "SYNTHETIC" });
  await Promise.all(Array.from({ length: 3 }, () => scheduleSyntheticTasks(app)));
  await scheduleSyntheticTasks(app);
  expect(await synthetic(app)).toHaveLength(4);
  expect(await app.store.count("tasks", { origin: "SYNTHETIC" })).toBe(before + 4);
});

it("a source whose task failed rests a while, twice as long after the next failure", async () => {
  const app = await aMarket({ maxActive: 1, sources: [source({ kind: "grpo", dataset: dataset("arithmetic") })] });
  const minutes = (count: number) => world.clock.advance(count * 60_000);
  const failNext = async (): Promise<void> => {
    await scheduleSyntheticTasks(app);
    const [task] = await synthetic(app);
    valueOf(await failTask(app, anOperator, { taskId: task?.id ?? "", message: "a dataset that can't be prepared" }));
    await scheduleSyntheticTasks(app);
    expect(await synthetic(app)).toEqual([]);
  };
  await failNext();
  minutes(10);
  await failNext();
  minutes(19);
  await scheduleSyntheticTasks(app);
  expect(await synthetic(app)).toEqual([]);
  minutes(1);
  await scheduleSyntheticTasks(app);
  expect(await synthetic(app)).toHaveLength(1);
});

it("a source that is gone leaves the others their places", async () => {
  const gone = source({ kind: "instruct", dataset: { from: "file", path: "/nowhere/rows.jsonl" } });
  const app = await aMarket({ sources: [gone, ...SOURCES.slice(1)] });
  await scheduleSyntheticTasks(app);
  expect((await synthetic(app)).map(({ kind }) => kind)).not.toContain("instruct");
  expect(await synthetic(app)).toHaveLength(3);
});

it("tasks of one source are made of rows that are drawn anew each time", async () => {
  const app = await aMarket({ maxActive: 2, sources: [source({ kind: "instruct" })] });
  await scheduleSyntheticTasks(app);
  const [first, second] = await synthetic(app);
  expect(first?.datasetSource["sha256"]).not.toBe(second?.datasetSource["sha256"]);
});

it.each<[string, Partial<Source>, string]>([
  ["a task type that is not there", { kind: "poem" }, "SYNTHETIC_SOURCES: 1.kind: expected one of"],
  ["a spec that its type refuses", { spec: { columns: { output: "" } } }, "1.spec.columns.output: "],
  ["a base model that is not installed", { baseModel: { repo: "a/b", revision: null } }, "1.baseModel: expected one"],
  [
    "a file that is not there",
    { dataset: { from: "file", path: "/x.jsonl" } },
    "1.dataset: expected a file at /x.jsonl",
  ],
  ["a file of another kind", { dataset: { from: "file", path: "/x.gif" } }, "1.dataset: expected a .json"],
  ["rows of another type", { dataset: dataset("arithmetic") }, "1.dataset: expected the columns"],
  ["too few rows", { rows: 9 }, "1.dataset: expected at least 10 rows, found 9"],
  [
    "neither rows nor budget",
    { dataset: { from: "input", input: { url: "https://a.example/a.csv" } }, rows: null },
    "1.rows: ",
  ],
  ["no dataset at all", { dataset: { from: "input", input: {} } }, "1.dataset: expected exactly one of"],
  ["a generator that the type lacks", { dataset: { from: "generator", options: {} } }, "1.dataset.generate: "],
  ["a budget that nobody may ask for", { budgetSeconds: 1e6 }, "1.budgetSeconds: expected 1 to 86400"],
])("a source with %s is told at the start, with its place", async (_, given, expected) => {
  const sources = [source({ kind: "instruct" }), source({ kind: "instruct", title: "another", ...given })];
  const app = { ...world.app, settings: settings({ sources }) };
  expect(await syntheticSourceProblems(app)).toEqual([expect.stringContaining(expected)]);
});

it("shares of nothing are told at the start", async () => {
  const problemsOf = (shares: Record<string, number>) =>
    syntheticSourceProblems({ ...world.app, settings: settings({ shares, sources: SOURCES.slice(0, 1) }) });
  expect(await problemsOf({})).toEqual([]);
  expect(await problemsOf({ poem: 1 })).toEqual(["SYNTHETIC_SHARES: there is no task type poem"]);
  expect(await problemsOf({ instruct: 0 })).toEqual([expect.stringContaining("that has a share")]);
});

it("the sources that ship with the package have nothing wrong, and each task type has one", async () => {
  const sources = shipped();
  const app = { ...world.app, settings: settings({ sources }) };
  expect(await syntheticSourceProblems(app)).toEqual([]);
  expect(new Set(sources.map(({ kind }) => kind))).toEqual(new Set(app.registry.taskTypes.keys()));
});

it("nothing is wrong with the sources of the operator's page", async () => {
  const page = readFileSync(join(packageFolder, "docs", "operations.md"), "utf8");
  const listed = configured(blocksOf(page).find(({ language }) => language === "json")?.text ?? "");
  expect(listed).toHaveLength(2);
  // Fewer rows say the same and are sooner made.
  const sources = listed.map((one) => ({ ...one, rows: 12 }));
  expect(await syntheticSourceProblems({ ...world.app, settings: settings({ sources }) })).toEqual([]);
});

it("a task of each shipped source is prepared in full, and waits for miners", async () => {
  await using host = await createTestHost();
  const synthesizer = templateSynthesizer.create({ families: null }, host);
  for (const { dataset: from, ...given } of shipped()) {
    // Rows of files are rewritten, which takes all of them; those that are made are not.
    const one = { ...given, dataset: from, rows: from.from === "generator" ? 12 : given.rows };
    const market = await aMarket({ maxActive: 1, sources: [one] });
    const app = {
      ...market,
      synthesizer,
      settings: { ...market.settings, dataset: { ...TEST_SETTINGS.dataset, allowWithoutSynth: false } },
    };
    await scheduleSyntheticTasks(app);
    const [task] = await synthetic(app);
    await advanceTask(app, task?.id ?? "");
    const prepared = await app.store.findOne("tasks", { id: task?.id ?? "" });
    expect(prepared).toMatchObject({ kind: one.kind, status: "DELAYED", failure: null, datasetRows: one.rows ?? 240 });
    const made = await app.store.find("datasetSplits", { taskId: task?.id ?? "" });
    const synthesised = app.registry.taskType(one.kind)?.synthesis !== null;
    expect(made.map(({ split }) => split).toSorted()).toEqual(["SYNTH", "TEST", "TRAIN"].slice(synthesised ? 0 : 1));
  }
});
