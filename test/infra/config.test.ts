import { readFileSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConfig, type Config } from "../../src/core/infra/config/index.ts";
import { Environment, PREFIX } from "../../src/core/infra/config/environment.ts";
import { choicesOf } from "../../src/plugin-choices.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";

const places = { workingFolder: "/operator", packageFolder: "/package" };

const problems = (environment: Record<string, string>): readonly string[] => {
  const parsed = parseConfig(environment, places);
  return parsed.ok ? [] : parsed.error;
};
const config = (environment: Record<string, string> = {}): Config => {
  const parsed = parseConfig(environment, places);
  if (!parsed.ok) throw new Error(parsed.error.join("\n"));
  return parsed.value;
};

/** The variables of .env.example with their values. */
const example = (): Record<string, string> =>
  Object.fromEntries(
    readFileSync(join(packageFolder, ".env.example"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

it("an empty environment is a complete configuration", () => {
  expect(config()).toMatchObject({ port: 4_000, database: { url: null }, redisUrl: null, operatorSecret: null });
});

it(".env.example names every variable, and gives its default", () => {
  expect(Object.keys(example()).toSorted()).toEqual(
    Object.keys(Environment.shape)
      .map((name) => PREFIX + name)
      .toSorted(),
  );
  expect(config(example())).toEqual(config());
});

it("every problem is reported at once, with the variable's name", () => {
  const found = problems({
    GRADIENTS_PORT: "eighty",
    GRADIENTS_ROLE: "boss",
    GRADIENTS_DATABASE_URL: "mysql://localhost",
    GRADIENTS_OPERATOR_SECRET: "short",
    GRADIENTS_PLUGIN_OPTIONS: "{",
    GRADIENTS_SYNTHETIC_SHARES: '{"some":-1}',
    GRADIENTS_LEASE_HEARTBEAT_SECONDS: "0",
    GRADIENTS_SCORING_POLICY: "mine",
    GRADIENTS_PROT: "80",
  });
  expect(found.map((line) => line.slice(0, line.indexOf(":"))).toSorted()).toEqual([
    "GRADIENTS_DATABASE_URL",
    "GRADIENTS_LEASE_HEARTBEAT_SECONDS",
    "GRADIENTS_OPERATOR_SECRET",
    "GRADIENTS_PLUGIN_OPTIONS",
    "GRADIENTS_PORT",
    "GRADIENTS_PROT",
    "GRADIENTS_ROLE",
    "GRADIENTS_SCORING_POLICY",
    "GRADIENTS_SYNTHETIC_SHARES",
  ]);
});

it("a problem never shows the value of a secret", () => {
  expect(
    problems({ GRADIENTS_OPERATOR_SECRET: "hunter2", GRADIENTS_OPERATOR_API_KEY: "hunter3" }).join(),
  ).not.toContain("hunter");
});

it("settings that contradict each other are refused", () => {
  expect(problems({ GRADIENTS_POOL_MIN: "3" })).toHaveLength(1);
  expect(problems({ GRADIENTS_POOL_MIN: "2", GRADIENTS_POOL_MAX: "3", GRADIENTS_MIN_MINERS: "4" })).toEqual([
    "GRADIENTS_MIN_MINERS: expected at most GRADIENTS_POOL_MAX (3), found 4",
  ]);
  expect(
    problems({ GRADIENTS_POOL_MIN: "3", GRADIENTS_POOL_MAX: "2", GRADIENTS_BUDGET_MIN_SECONDS: "100000" }),
  ).toHaveLength(2);
  expect(config({ GRADIENTS_POOL_MIN: "2", GRADIENTS_POOL_MAX: "3" }).settings.recruiting.pool).toEqual({
    min: 2,
    max: 3,
  });
});

it("variables of others are none of ours, and empty ones are not set", () => {
  expect(
    config({ PATH: "/bin", GRADIENTS_URL: "http://elsewhere", GRADIENTS_API_KEY: "x", GRADIENTS_REDIS_URL: "" }),
  ).toEqual(config());
});

it("seconds become milliseconds, and may have decimals", () => {
  expect(config({ GRADIENTS_OFFER_WINDOW_SECONDS: "0.25" }).settings.recruiting.offerWindowMs).toBe(250);
});

const aSource = { kind: "poem", title: "a", baseModel: { repo: "a/b" }, dataset: { file: "rows.jsonl" } };

it("synthetic tasks need something to be made of", () => {
  expect(problems({ GRADIENTS_SYNTHETIC_TASKS: "true" })).toEqual([
    expect.stringContaining("GRADIENTS_SYNTHETIC_TASKS: expected GRADIENTS_SYNTHETIC_SOURCES"),
  ]);
});

it("sources of synthetic tasks are a file, whose folder is where their datasets are, or a list", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-sources-"));
  const path = join(folder.path, "sources.json");
  await writeFile(path, JSON.stringify([aSource]));
  const sourcesOf = (text: string) => config({ GRADIENTS_SYNTHETIC_SOURCES: text }).settings.synthetic.sources;
  expect(sourcesOf(path)).toMatchObject([
    { dataset: { from: "file", path: join(folder.path, "rows.jsonl") }, rows: null },
  ]);
  const listed = [
    aSource,
    { ...aSource, title: "b", dataset: { generate: {} } },
    { ...aSource, title: "c", dataset: { url: "u" } },
  ];
  expect(sourcesOf(JSON.stringify(listed))).toMatchObject([
    { dataset: { from: "file", path: "/operator/rows.jsonl" } },
    { dataset: { from: "generator", options: {} } },
    { dataset: { from: "input", input: { url: "u" } } },
  ]);
});

it.each([
  ["a file that is not there", "none.json", "found no readable file at /operator/none.json"],
  ["no list", "[1", "expected array"],
  ["a field that is missing", JSON.stringify([{ ...aSource, title: undefined }]), "0.title: "],
  ["a field that is unknown", JSON.stringify([{ ...aSource, titel: "b" }]), "titel"],
  ["one title twice", JSON.stringify([aSource, aSource]), "1.title: must differ within a kind"],
  ["half a second", JSON.stringify([{ ...aSource, budgetSeconds: 90.5 }]), "0.budgetSeconds: "],
])("sources of synthetic tasks with %s are refused with the place", (_, text, expected) => {
  expect(problems({ GRADIENTS_SYNTHETIC_SOURCES: text })).toEqual([
    expect.stringMatching(new RegExp(`^GRADIENTS_SYNTHETIC_SOURCES: .*${expected}`)),
  ]);
});

it("relative folders start where the process does, and the package's models come last", () => {
  const { dataFolder, modelsFolders } = config({
    GRADIENTS_DATA_FOLDER: "data",
    GRADIENTS_MODELS_FOLDERS: "mine, /yours",
  });
  expect(dataFolder).toBe("/operator/data");
  expect(modelsFolders).toEqual(["/operator/mine", "/yours", "/package/models"]);
});

it.each([
  ["GRADIENTS_S3_HOSTS", "s3.example.org,http://127.0.0.1:9000", true],
  ["GRADIENTS_S3_HOSTS", "http://127.0.0.1:9000/bucket", false],
  ["GRADIENTS_S3_HOSTS", "file:///etc", false],
  ["GRADIENTS_S3_HOSTS", "*.example.org", false],
  ["GRADIENTS_HUB_HOSTS", "hub.example.org", true],
  ["GRADIENTS_HUB_HOSTS", "http://hub.example.org", false],
])("%s=%s is a list of hosts: %s", (name, value, valid) => {
  expect(problems({ [name]: value }).length === 0).toBe(valid);
});

it("options for what no plugin provides are noticed, but not where plugins may be left out", () => {
  const GRADIENTS_PLUGIN_OPTIONS = '{"local": {}, "lcoal": {}}';
  expect(choicesOf(config({ GRADIENTS_PLUGIN_OPTIONS }).plugins).optionNames).toEqual(["local", "lcoal"]);
  const lenient = config({ GRADIENTS_PLUGIN_OPTIONS, GRADIENTS_SKIP_BROKEN_PLUGINS: "true" });
  expect(choicesOf(lenient.plugins).optionNames).toEqual([]);
});
