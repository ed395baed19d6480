import type {
  AntiGamingRule,
  LiveArtifactStore,
  LiveEvalRunner,
  LiveSynthesizer,
  LiveWeightPublisher,
  PluginHost,
} from "../contract/index.ts";
import { err, ok, type Result } from "../domain/index.ts";
import type { PluginProblem } from "./plugin-problem.ts";
import type { Registry } from "./registry.ts";

/** One plugin's contribution picked by name, with the operator's options for it (unparsed). */
export interface PluginChoice {
  readonly name: string;
  readonly options?: unknown;
}

/** What the operator runs: which of the registered live things, and how. */
export interface PluginChoices {
  readonly evalRunner: PluginChoice;
  readonly artifactStore: PluginChoice;
  /** Null where the operator has none: then tasks go on without SYNTH rows, if that is allowed. */
  readonly synthesizer: PluginChoice | null;
  readonly weightPublishers: readonly PluginChoice[];
  /** For what the operator has options, chosen or not. */
  readonly optionNames?: readonly string[];
  /** Rules by name: options other than the defaults. */
  readonly ruleOptions?: Readonly<Record<string, unknown>>;
  /** Rules that shall not judge. */
  readonly disabledRules?: readonly string[];
}

export interface ActiveRule {
  readonly rule: AntiGamingRule;
  /** Parsed by the rule's own schema. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The live things of one process, made once at start. */
export interface LivePlugins {
  readonly evalRunner: LiveEvalRunner;
  readonly artifactStore: LiveArtifactStore;
  readonly synthesizer: LiveSynthesizer | null;
  readonly weightPublishers: readonly { readonly name: string; readonly publisher: LiveWeightPublisher }[];
  /** In the order of names. */
  readonly rules: readonly ActiveRule[];
}

interface OptionsSchema {
  readonly shape: object;
  safeParse(value: unknown): {
    readonly success: boolean;
    readonly data?: Readonly<Record<string, unknown>> | undefined;
    readonly error?:
      { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] } | undefined;
  };
}

interface Creatable<Live> {
  readonly name: string;
  readonly options: OptionsSchema;
  create(options: Readonly<Record<string, unknown>>, host: PluginHost): Live;
}

/**
 * Makes what the operator chose; every wrong name and option is reported at once, and nothing is made then.
 *
 * @param hostFor lends each plugin, by its contribution's name, folders of its own.
 */
export function createLive(
  registry: Registry,
  choices: PluginChoices,
  hostFor: (name: string) => PluginHost,
): Result<LivePlugins, readonly PluginProblem[]> {
  const problems: PluginProblem[] = [];
  const { evalRunners, artifactStores, synthesizers, weightPublishers } = registry;
  const provided = [evalRunners, artifactStores, synthesizers, weightPublishers];
  const namesakes = (name: string): readonly OptionsSchema[] =>
    provided.flatMap((from) => from.get(name)?.options ?? []);
  for (const name of choices.optionNames ?? []) {
    if (provided.some((from) => from.has(name))) continue;
    const known = [...new Set(provided.flatMap((from) => [...from.keys()]))].join(", ");
    const message = `there are options for ${name}, but no plugin provides a runner, store, synthesizer or publisher of this name; there are: ${known}`;
    problems.push({ code: "PLUGIN_NOT_REGISTERED", message, origin: name });
  }
  const prepare = <Live>(
    title: string,
    from: ReadonlyMap<string, Creatable<Live>>,
    { name, options = {} }: PluginChoice,
    methods: readonly (keyof Live & string)[],
  ) => {
    const own = { name, options: ownOptions(options, from.get(name)?.options, namesakes(name)) };
    const prepared = prepareOne(title, from, own, methods, hostFor);
    if (!prepared.ok) problems.push(prepared.error);
    return prepared;
  };
  const storeMethods = ["put", "open", "copyTo", "stat", "remove"] as const;
  const evalRunner = prepare("eval runner", evalRunners, choices.evalRunner, ["open"]);
  const artifactStore = prepare("artefact store", artifactStores, choices.artifactStore, storeMethods);
  const synthesizer = choices.synthesizer && prepare("synthesizer", synthesizers, choices.synthesizer, ["rewrite"]);
  const publishers = choices.weightPublishers.map((choice) => ({
    name: choice.name,
    prepared: prepare("weight publisher", weightPublishers, choice, ["publish"]),
  }));
  const rules = activeRules(registry, choices);
  if (!rules.ok) problems.push(...rules.error);
  if (problems.length > 0) return err(problems);

  const make = <Live>(prepared: Result<() => Live, PluginProblem>): Live => {
    if (!prepared.ok) throw new Error(prepared.error.message);
    return prepared.value();
  };
  try {
    return ok({
      evalRunner: make(evalRunner),
      artifactStore: make(artifactStore),
      synthesizer: synthesizer && make(synthesizer),
      weightPublishers: publishers.map(({ name, prepared }) => ({ name, publisher: make(prepared) })),
      rules: rules.ok ? rules.value : [],
    });
  } catch (error) {
    if (error instanceof CreateError)
      return err([{ code: "PLUGIN_CREATE_FAILED", message: error.message, origin: error.origin }]);
    throw error;
  }
}

class CreateError extends Error {
  readonly origin: string;
  constructor(origin: string, message: string, options: ErrorOptions) {
    super(message, options);
    this.origin = origin;
  }
}

/**
 * Options go by name, and a runner may be called like a store: a key that only its namesakes know is theirs. One that
 * nobody knows stays, to be refused.
 */
function ownOptions(options: unknown, own: OptionsSchema | undefined, namesakes: readonly OptionsSchema[]): unknown {
  if (own === undefined || typeof options !== "object" || options === null) return options;
  const isTheirs = (key: string) =>
    !Object.hasOwn(own.shape, key) && namesakes.some(({ shape }) => Object.hasOwn(shape, key));
  return Object.fromEntries(Object.entries(options).filter(([key]) => !isTheirs(key)));
}

function prepareOne<Live>(
  title: string,
  from: ReadonlyMap<string, Creatable<Live>>,
  { name, options }: PluginChoice,
  methods: readonly (keyof Live & string)[],
  hostFor: (name: string) => PluginHost,
): Result<() => Live, PluginProblem> {
  const found = from.get(name);
  if (!found) {
    const message = `no plugin provides the ${title} ${name}; there are: ${[...from.keys()].join(", ") || "none"}`;
    return err({ code: "PLUGIN_NOT_REGISTERED", message, origin: name });
  }
  const parsed = parseOptions(`${title} ${name}`, name, found.options, options);
  if (!parsed.ok) return parsed;
  const failed = (reason: string, cause?: unknown) =>
    new CreateError(name, `the ${title} ${name} could not be started: ${reason}`, { cause });
  return ok(() => {
    let live: Live;
    try {
      live = found.create(parsed.value, hostFor(name));
    } catch (error) {
      throw failed(error instanceof Error ? error.message : String(error), error);
    }
    const missing = methods.find((method) => typeof Object(live)[method] !== "function");
    if (missing === undefined) return live;
    throw failed(
      `what create returned has no function ${missing}${live instanceof Promise ? ": create must not be async" : ""}`,
    );
  });
}

function activeRules(
  registry: Registry,
  { ruleOptions = {}, disabledRules = [] }: PluginChoices,
): Result<readonly ActiveRule[], readonly PluginProblem[]> {
  const known = new Set(registry.rules.map((rule) => rule.name));
  const problems: PluginProblem[] = [...Object.keys(ruleOptions), ...disabledRules]
    .filter((name) => !known.has(name))
    .map((name) => {
      const message = `no plugin provides the rule ${name}; there are: ${[...known].join(", ") || "none"}`;
      return { code: "PLUGIN_NOT_REGISTERED", message, origin: name };
    });
  const active: ActiveRule[] = [];
  for (const rule of registry.rules) {
    if (disabledRules.includes(rule.name)) continue;
    const options = parseOptions(`rule ${rule.name}`, rule.name, rule.options, ruleOptions[rule.name] ?? {});
    if (options.ok) active.push({ rule, options: options.value });
    else problems.push(options.error);
  }
  return problems.length > 0 ? err(problems) : ok(active);
}

function parseOptions(
  title: string,
  name: string,
  schema: OptionsSchema,
  options: unknown,
): Result<Readonly<Record<string, unknown>>, PluginProblem> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return ok(parsed.data ?? {});
  const issues = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`);
  return err({
    code: "PLUGIN_BAD_OPTIONS",
    message: `the options of the ${title} are refused: ${issues.join("; ")}`,
    origin: name,
  });
}
