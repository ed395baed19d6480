import { z } from "zod";
import { API, DATASET, EVALUATION, RECRUITMENT, SCORING_POLICIES, SUBMISSION, TASK_MIX } from "../../domain/index.ts";
import { deviceChoice } from "./device-choice.ts";
import { hosts, json, list, positive, seconds, urlOf, whole, yesOrNo } from "./fields.ts";

/** What every variable's name starts with. */
export const PREFIX = "GRADIENTS_";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

const shares = z.record(z.string(), z.number().nonnegative());
const options = z.record(z.string(), z.record(z.string(), z.unknown()));
const names = SCORING_POLICIES.map(({ name }) => name);

/** Every variable that the server reads, without the prefix. Unknown ones are refused: they are typing mistakes. */
export const Environment = z.strictObject({
  /** api: serves and leaves the work to worker processes; all: does both. */
  ROLE: z.enum(["all", "api"]).default("all"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: whole(0, 65_535).default(4_000),
  PUBLIC_URL: urlOf("http:", "https:").optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),

  DATA_FOLDER: z.string().min(1).default(".data"),
  MODELS_FOLDERS: list().prefault("models"),
  DATABASE_URL: urlOf("postgres:", "postgresql:").optional(),
  DATABASE_POOL: whole(2, 500).default(16),
  EMBEDDED_DATABASE_FSYNC: yesOrNo().default(true),
  REDIS_URL: urlOf("redis:", "rediss:").optional(),
  JOB_CONCURRENCY: whole(1, 1_000).default(4),

  OPERATOR_SECRET: z.string().min(32, "expected at least 32 characters").optional(),
  OPERATOR_API_KEY: z
    .string()
    .regex(
      /^gr_[A-Za-z0-9]{4,16}_[A-Za-z0-9_-]{16,128}$/,
      "expected gr_<4 to 16 letters or digits>_<16 to 128 characters>",
    )
    .optional(),

  PLUGINS: list().prefault("builtin"),
  SKIP_BROKEN_PLUGINS: yesOrNo().default(false),
  PLUGIN_OPTIONS: json(options, 'options by name, like {"local": {}}').prefault("{}"),
  RULE_OPTIONS: json(options, 'options by rule, like {"some-rule": {}}').prefault("{}"),
  DISABLED_RULES: list().prefault(""),
  EVAL_RUNNER: z.string().min(1).default("local"),
  ARTIFACT_STORE: z.string().min(1).default("local"),
  SYNTHESIZER: z.string().min(1).default("template"),
  WEIGHT_PUBLISHERS: list().prefault("ledger"),

  POOL_MIN: whole(1).optional(),
  POOL_MAX: whole(1).optional(),
  MIN_MINERS: whole(1).optional(),
  OFFER_WINDOW_SECONDS: seconds().prefault(String(RECRUITMENT.offerWindowSeconds)),
  DELAY_BACKOFF_SECONDS: seconds().prefault(String(RECRUITMENT.backOffSeconds)),
  DELAY_EXTENSION_SECONDS: positive().prefault(String(RECRUITMENT.delayStepSeconds)),
  MAX_DELAYS: whole(0).default(RECRUITMENT.maxDelays),
  ONLINE_WINDOW_SECONDS: seconds().prefault("60"),

  BUDGET_MIN_SECONDS: positive().prefault("60"),
  BUDGET_MAX_SECONDS: positive().prefault("86400"),

  DATASET_MIN_ROWS: whole(3).default(DATASET.minimumRows),
  DATASET_MAX_ROWS: whole(3).default(1_000_000),
  DATASET_MAX_BYTES: whole(1).default(GiB),
  DATASET_WITHOUT_SYNTH: yesOrNo().default(false),
  DOWNLOAD_TIMEOUT_SECONDS: seconds().prefault("600"),
  HUB_URL: urlOf("http:", "https:").default("https://huggingface.co"),

  SYNTHETIC_TASKS: yesOrNo().default(false),
  SYNTHETIC_MAX_ACTIVE: whole(1).default(TASK_MIX.maxActive),
  /** A path, or the list itself; read by synthetic-sources.ts. */
  SYNTHETIC_SOURCES: z.string().default(""),
  SYNTHETIC_SHARES: json(shares, 'shares by task type, like {"some-type": 0.5}').prefault("{}"),

  SCORING_POLICY: z
    .string()
    .refine((name) => names.includes(name), { error: `expected one of ${names.join(", ")}` })
    .default(names[0] ?? ""),
  MAX_BILLIONS: positive().optional(),

  UPLOAD_MAX_FILES: whole(1).default(64),
  UPLOAD_MAX_BYTES: whole(1).default(64 * GiB),
  UPLOADS_PER_ASSIGNMENT: whole(1).default(SUBMISSION.maxSeals),
  UPLOAD_EXPIRY_SECONDS: seconds().prefault("86400"),

  HUB_MODELS: yesOrNo().default(true),
  HUB_HOSTS: hosts({ origins: false }).prefault("huggingface.co,hf.co"),
  S3_HOSTS: hosts({ origins: true }).prefault(""),
  SOURCE_TIMEOUT_SECONDS: seconds().prefault("3600"),
  SOURCE_ATTEMPTS: whole(1).default(10),
  SOURCE_CONCURRENCY: whole(1, 100).default(2),

  EVALUATION_TIMEOUT_SECONDS: seconds().prefault("7200"),
  EARLY_EVALUATION: yesOrNo().default(false),
  DEVICES: deviceChoice().prefault("auto"),
  TASK_CODE: yesOrNo().default(false),
  MAX_INFRASTRUCTURE_FAILURES: whole(1).default(EVALUATION.maxInfrastructureFailures),
  LEASE_HEARTBEAT_SECONDS: seconds().prefault("5"),
  SERVER_HEARTBEAT_SECONDS: seconds().prefault("2"),

  TOKEN_LIFETIME_SECONDS: seconds().prefault("3600"),
  CHALLENGE_LIFETIME_SECONDS: seconds().prefault("300"),
  IDEMPOTENCY_SECONDS: seconds().prefault(String(API.idempotencyHours * 3_600)),
});

/** Variables of the same prefix that the command line reads, not the server. */
export const CLIENT_VARIABLES: ReadonlySet<string> = new Set(["GRADIENTS_URL", "GRADIENTS_API_KEY"]);
