import { inspect } from "node:util";
import { z } from "zod";
import type {
  AntiGamingRule,
  AnyTaskType,
  ArtifactStore,
  Contribution,
  EvalRunner,
  Hooks,
  Plugin,
  Synthesizer,
  WeightPublisher,
} from "../contract/index.ts";
import type { PluginProblem } from "./plugin-problem.ts";
import { declaredApi, isPlugin, pluginShapeProblems } from "./plugin-schema.ts";
import { PLUGIN_API } from "../contract/index.ts";
import { compareIds, err, ok, renormaliseShares, type Result } from "../domain/index.ts";
import { badDefaults } from "./schema-defaults.ts";
import { parseStoredSpec, type ParsedSpec, type SpecProblem } from "./stored-spec.ts";

/** A plugin as it was handed over: not yet known to be one. */
export interface PluginEntry {
  readonly plugin: unknown;
  /** Package name, file path or list entry: what an error names. */
  readonly origin: string;
  /** It ships with the server. */
  readonly builtin?: true;
}

/** Where a contribution comes from. */
export interface PluginOrigin {
  readonly name: string;
  readonly version: string;
  /** Package name, file path or list entry. */
  readonly origin: string;
  readonly builtin: boolean;
}

/** All that the plugins contribute, frozen at start. Names are unique within each kind of contribution. */
export interface Registry {
  readonly plugins: readonly PluginOrigin[];
  /** By kind, in the order of kinds. */
  readonly taskTypes: ReadonlyMap<string, AnyTaskType>;
  taskType(kind: string): AnyTaskType | undefined;
  /** @throws RangeError for a kind that is not registered */
  pluginOf(kind: string): PluginOrigin;
  /** In the order of names: the order in which they judge. */
  readonly rules: readonly AntiGamingRule[];
  readonly evalRunners: ReadonlyMap<string, EvalRunner>;
  readonly synthesizers: ReadonlyMap<string, Synthesizer>;
  readonly artifactStores: ReadonlyMap<string, ArtifactStore>;
  readonly weightPublishers: ReadonlyMap<string, WeightPublisher>;
  readonly hooks: readonly { readonly plugin: string; readonly hooks: Hooks }[];
  /**
   * Shares of synthetic tasks by kind, the operator's before the types' own, renormalised to sum to 1.
   *
   * @throws RangeError if one is negative or none is positive.
   */
  shares(overrides?: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
  /** A stored spec, migrated to the version of today and parsed. */
  parseSpec(kind: string, specVersion: number, stored: unknown): Result<ParsedSpec, SpecProblem>;
}

interface SoundEntry {
  readonly plugin: Plugin;
  readonly origin: string;
  readonly builtin: boolean;
}

/** Checks every plugin and freezes what they contribute; all problems are reported at once. */
export function createRegistry(entries: readonly PluginEntry[]): Result<Registry, readonly PluginProblem[]> {
  const problems: PluginProblem[] = [];
  const sound: SoundEntry[] = [];
  for (const entry of entries) {
    const seen = inspectEntry(entry);
    if (seen.ok) sound.push(seen.value);
    else problems.push(seen.error);
  }
  problems.push(...collisions(sound));
  for (const { plugin, origin } of sound) {
    for (const contribution of plugin.provides) problems.push(...defaultProblems(contribution, origin));
  }
  return problems.length > 0 ? err(problems) : ok(freeze(sound));
}

function inspectEntry({ plugin, origin, builtin }: PluginEntry): Result<SoundEntry, PluginProblem> {
  const malformed = (reason: string) =>
    err({
      code: "PLUGIN_MALFORMED",
      origin,
      message: `the default export of ${origin} is not a plugin made by definePlugin: ${reason}`,
    } as const);
  try {
    const api = declaredApi(plugin);
    if (typeof api === "number" && api !== PLUGIN_API) {
      const message = `${origin} was made for plugin API ${api}, this server has API ${PLUGIN_API}: install a matching version`;
      return err({ code: "PLUGIN_WRONG_API", origin, message });
    }
    if (isPlugin(plugin)) return ok({ plugin, origin, builtin: builtin === true });
    return malformed(pluginShapeProblems(plugin).join("; "));
  } catch (error) {
    // A getter or a proxy.
    return malformed(`looking at it throws: ${error instanceof Error ? error.message : inspect(error)}`);
  }
}

const titles: Readonly<Record<Contribution["type"], string>> = {
  "task-type": "task type",
  "anti-gaming-rule": "anti-gaming rule",
  "eval-runner": "eval runner",
  synthesizer: "synthesizer",
  "artifact-store": "artefact store",
  "weight-publisher": "weight publisher",
};

/** A contribution's name within its kind, such as `task type poem`. */
function contributionTitle(contribution: Contribution): string {
  return `${titles[contribution.type]} ${contribution.type === "task-type" ? contribution.kind : contribution.name}`;
}

/** GraphQL names that core derives from a task type's. */
function derivedGraphqlNames(name: string): readonly string[] {
  return [name, `${name}Spec`, `${name}SpecInput`, `Create${name}Input`, `Create${name}Payload`];
}

function claims(plugin: Plugin): readonly string[] {
  const contributed = plugin.provides.flatMap((contribution) => {
    const title = contributionTitle(contribution);
    if (contribution.type !== "task-type") return [title];
    return [title, ...derivedGraphqlNames(contribution.graphqlName).map((name) => `GraphQL type ${name}`)];
  });
  return [`plugin ${plugin.name}`, ...contributed];
}

/** Whoever comes later is to blame, and what ships with the server is never: its plugins come first, whatever the list. */
function collisions(entries: readonly SoundEntry[]): PluginProblem[] {
  const owners = new Map<string, string>();
  const problems: PluginProblem[] = [];
  for (const { plugin, origin } of entries.toSorted((a, b) => Number(b.builtin) - Number(a.builtin))) {
    const others = new Set<string>();
    for (const claim of claims(plugin)) {
      const owner = owners.get(claim);
      if (owner === undefined) owners.set(claim, origin);
      // One claim of two plugins is enough to know: of one task type, all the GraphQL types collide as well.
      if (owner === undefined || others.has(owner)) continue;
      others.add(owner);
      const message = `${claim} is provided twice: by ${owner} and by ${origin}; remove one of them from the plugin list`;
      problems.push({ code: "PLUGIN_COLLISION", origin, message });
    }
  }
  return problems;
}

function defaultProblems(contribution: Contribution, origin: string): PluginProblem[] {
  const wrong =
    contribution.type === "task-type"
      ? [...wrongDefaults(contribution.spec, "stored"), ...generatorDefaults(contribution)]
      : wrongDefaults(contribution.options, contribution.type === "anti-gaming-rule" ? "complete" : "given");
  return wrong.map((text) => ({
    code: "PLUGIN_BAD_DEFAULTS",
    origin,
    message: `${contributionTitle(contribution)} of ${origin} has a default that can't be used: ${text}`,
  }));
}

function generatorDefaults({ generator }: AnyTaskType): readonly string[] {
  return generator === undefined
    ? []
    : wrongDefaults(generator.options, "complete").map((text) => `generator: ${text}`);
}

/**
 * @param use `complete` where the options must stand on their defaults alone, as a rule judges without being configured;
 *   `stored` where they must come back from JSON as they were.
 */
function wrongDefaults(schema: z.ZodObject, use: "given" | "complete" | "stored"): readonly string[] {
  try {
    const wrong = badDefaults(schema);
    if (wrong.length > 0) return wrong;
    const parsed = schema.safeParse({});
    if (parsed.success) return use === "stored" ? noJson(parsed.data) : [];
    return use === "complete" ? parsed.error.issues.map((issue) => `${issue.path.join(".")}: has no default`) : [];
  } catch (error) {
    return [`the schema throws: ${error instanceof Error ? error.message : String(error)}`];
  }
}

const noJson = (spec: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(spec)
    .filter(([, value]) => value !== undefined && !z.json().safeParse(value).success)
    .map(([key]) => `${key}: must be JSON, as specs are stored`);

function freeze(entries: readonly SoundEntry[]): Registry {
  const origins = entries.map(({ plugin: { name, version }, origin, builtin }) => ({ name, version, origin, builtin }));
  const provided = entries.flatMap(({ plugin }) => plugin.provides);
  const ofType = <T extends Contribution["type"]>(type: T) =>
    provided.filter((item): item is Extract<Contribution, { type: T }> => item.type === type);
  const byName = <T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
    new Map(items.toSorted((a, b) => compareIds(a.name, b.name)).map((item) => [item.name, item]));
  const taskTypes: ReadonlyMap<string, AnyTaskType> = new Map(
    ofType("task-type")
      .toSorted((a, b) => compareIds(a.kind, b.kind))
      .map((type) => [type.kind, type]),
  );
  return Object.freeze({
    plugins: Object.freeze(origins),
    taskTypes,
    taskType: (kind: string) => taskTypes.get(kind),
    pluginOf(kind: string) {
      const type = taskTypes.get(kind);
      const index = entries.findIndex(({ plugin }) => plugin.provides.some((contribution) => contribution === type));
      const found = origins[index];
      if (found === undefined) throw new RangeError(`there is no task type ${kind}`);
      return found;
    },
    rules: Object.freeze([...byName(ofType("anti-gaming-rule")).values()]),
    evalRunners: byName(ofType("eval-runner")),
    synthesizers: byName(ofType("synthesizer")),
    artifactStores: byName(ofType("artifact-store")),
    weightPublishers: byName(ofType("weight-publisher")),
    hooks: Object.freeze(
      entries.flatMap(({ plugin }) => (plugin.hooks ? [{ plugin: plugin.name, hooks: plugin.hooks }] : [])),
    ),
    shares: (overrides: Readonly<Record<string, number>> = {}) => sharesOf(taskTypes, overrides),
    parseSpec: (kind: string, specVersion: number, stored: unknown) =>
      parseStoredSpec(taskTypes.get(kind), { kind, specVersion, stored }),
  });
}

function sharesOf(
  taskTypes: ReadonlyMap<string, AnyTaskType>,
  overrides: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const chosen = [...taskTypes.values()].map(({ kind, share }) => [kind, overrides[kind] ?? share] as const);
  return renormaliseShares(Object.fromEntries(chosen));
}
