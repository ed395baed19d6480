import { resolve } from "node:path";
import type { z } from "zod";
import type { Settings, SyntheticSource } from "../../app/settings.ts";
import { err, ok, type Result } from "../../domain/index.ts";
import type { DeviceChoice } from "./device-choice.ts";
import { CLIENT_VARIABLES, Environment, PREFIX } from "./environment.ts";
import { readSyntheticSources } from "./synthetic-sources.ts";
import { toSettings } from "./to-settings.ts";

/** All that the operator has configured: parsed once, at the start. */
export interface Config {
  /** `api`: jobs are left to worker processes. */
  readonly role: "all" | "api";
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute, in the order in which they are searched. */
  readonly modelsFolders: readonly string[];
  readonly database: {
    /** Null: an embedded server in the data folder. */
    readonly url: string | null;
    readonly poolSize: number;
    readonly fsync: boolean;
  };
  /** Null: jobs ring over PostgreSQL. */
  readonly redisUrl: string | null;
  /** Tasks that one process prepares at once. */
  readonly jobConcurrency: number;
  /** Models that one process fetches from their sources at once. */
  readonly sourceConcurrency: number;
  /** What this process evaluates on. */
  readonly devices: DeviceChoice;
  /** Null: one is made and kept in the data folder. */
  readonly operatorSecret: string | null;
  readonly operatorApiKey: string | null;
  readonly plugins: PluginConfig;
  readonly serverHeartbeatMs: number;
  readonly settings: Settings;
}

/** Which plugins are loaded, and which of what they provide is used. */
export interface PluginConfig {
  /** `builtin`, packages and files; `-name` leaves a built-in one out. */
  readonly list: readonly string[];
  /** Start without plugins that can't be used. */
  readonly skipBroken: boolean;
  /** By the name of the contribution. */
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By the name of the rule. */
  readonly ruleOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly disabledRules: readonly string[];
  readonly evalRunner: string;
  readonly artifactStore: string;
  /** Null: none. */
  readonly synthesizer: string | null;
  readonly weightPublishers: readonly string[];
}

/** Where relative paths start, and where the models that come with the package are. */
export interface Places {
  readonly workingFolder: string;
  readonly packageFolder: string;
}

/** The configuration from an environment, or every problem in it: one line each, beginning with the variable's name. */
export function parseConfig(environment: NodeJS.ProcessEnv, places: Places): Result<Config, readonly string[]> {
  const given = Object.entries(environment).filter(
    // A variable that is set to nothing is as good as not set.
    ([name, value]) => name.startsWith(PREFIX) && !CLIENT_VARIABLES.has(name) && value !== undefined && value !== "",
  );
  const parsed = Environment.safeParse(
    Object.fromEntries(given.map(([name, value]) => [name.slice(PREFIX.length), value])),
  );
  if (!parsed.success) return err(parsed.error.issues.flatMap(toLines));
  const sources = readSyntheticSources(parsed.data.SYNTHETIC_SOURCES, places.workingFolder);
  const problems = [
    ...contradictionsIn(parsed.data),
    ...(sources.ok ? [] : sources.error.map((problem) => `${PREFIX}SYNTHETIC_SOURCES: ${problem}`)),
  ];
  return sources.ok && problems.length === 0 ? ok(toConfig(parsed.data, sources.value, places)) : err(problems);
}

function toLines(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${PREFIX}${key}: there is no such setting`);
  const [name, ...inner] = issue.path;
  return [`${PREFIX}${String(name)}: ${inner.length > 0 ? `${inner.join(".")}: ` : ""}${issue.message}`];
}

function contradictionsIn(env: z.output<typeof Environment>): string[] {
  const problems: string[] = [];
  const { POOL_MIN: min, POOL_MAX: max } = env;
  if ((min === undefined) !== (max === undefined))
    problems.push(`${PREFIX}POOL_MIN and ${PREFIX}POOL_MAX: give both or none`);
  if (min !== undefined && max !== undefined && min > max) {
    problems.push(`${PREFIX}POOL_MIN: expected at most ${PREFIX}POOL_MAX (${max}), found ${min}`);
  }
  if (max !== undefined && env.MIN_MINERS !== undefined && env.MIN_MINERS > max) {
    problems.push(`${PREFIX}MIN_MINERS: expected at most ${PREFIX}POOL_MAX (${max}), found ${env.MIN_MINERS}`);
  }
  if (env.BUDGET_MIN_SECONDS > env.BUDGET_MAX_SECONDS) {
    problems.push(
      `${PREFIX}BUDGET_MIN_SECONDS: expected at most ${PREFIX}BUDGET_MAX_SECONDS (${env.BUDGET_MAX_SECONDS}), found ${env.BUDGET_MIN_SECONDS}`,
    );
  }
  if (env.SYNTHETIC_TASKS && env.SYNTHETIC_SOURCES === "")
    problems.push(`${PREFIX}SYNTHETIC_TASKS: expected ${PREFIX}SYNTHETIC_SOURCES to say what they are made of`);
  return problems;
}

function toConfig(
  env: z.output<typeof Environment>,
  sources: readonly SyntheticSource[],
  { workingFolder, packageFolder }: Places,
): Config {
  return {
    role: env.ROLE,
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    dataFolder: resolve(workingFolder, env.DATA_FOLDER),
    modelsFolders: [
      ...new Set([
        ...env.MODELS_FOLDERS.map((folder) => resolve(workingFolder, folder)),
        resolve(packageFolder, "models"),
      ]),
    ],
    database: { url: env.DATABASE_URL ?? null, poolSize: env.DATABASE_POOL, fsync: env.EMBEDDED_DATABASE_FSYNC },
    redisUrl: env.REDIS_URL ?? null,
    jobConcurrency: env.JOB_CONCURRENCY,
    sourceConcurrency: env.SOURCE_CONCURRENCY,
    devices: env.DEVICES,
    operatorSecret: env.OPERATOR_SECRET ?? null,
    operatorApiKey: env.OPERATOR_API_KEY ?? null,
    plugins: {
      list: env.PLUGINS,
      skipBroken: env.SKIP_BROKEN_PLUGINS,
      options: env.PLUGIN_OPTIONS,
      ruleOptions: env.RULE_OPTIONS,
      disabledRules: env.DISABLED_RULES,
      evalRunner: env.EVAL_RUNNER,
      artifactStore: env.ARTIFACT_STORE,
      synthesizer: env.SYNTHESIZER === "none" ? null : env.SYNTHESIZER,
      weightPublishers: env.WEIGHT_PUBLISHERS,
    },
    serverHeartbeatMs: env.SERVER_HEARTBEAT_SECONDS,
    settings: toSettings(env, sources),
  };
}
