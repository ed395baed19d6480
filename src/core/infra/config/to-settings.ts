import type { z } from "zod";
import type { Settings, SyntheticSource } from "../../app/settings.ts";
import type { Environment } from "./environment.ts";

/** Gaps of this many heartbeats are no downtime. */
const ORDINARY_GAP = 3;

/** The part of the configuration that use cases see. */
export function toSettings(env: z.output<typeof Environment>, sources: readonly SyntheticSource[]): Settings {
  return {
    recruiting: {
      pool: env.POOL_MIN === undefined || env.POOL_MAX === undefined ? null : { min: env.POOL_MIN, max: env.POOL_MAX },
      minMiners: env.MIN_MINERS ?? null,
      offerWindowMs: env.OFFER_WINDOW_SECONDS,
      delayBackoffMs: env.DELAY_BACKOFF_SECONDS,
      maxDelays: env.MAX_DELAYS,
      delayExtensionSeconds: env.DELAY_EXTENSION_SECONDS,
      onlineWindowMs: env.ONLINE_WINDOW_SECONDS,
    },
    budget: { minSeconds: env.BUDGET_MIN_SECONDS, maxSeconds: env.BUDGET_MAX_SECONDS },
    dataset: {
      minRows: env.DATASET_MIN_ROWS,
      maxRows: env.DATASET_MAX_ROWS,
      maxBytes: env.DATASET_MAX_BYTES,
      allowWithoutSynth: env.DATASET_WITHOUT_SYNTH,
      downloadTimeoutMs: env.DOWNLOAD_TIMEOUT_SECONDS,
      hubUrl: env.HUB_URL.replace(/\/+$/, ""),
    },
    synthetic: {
      enabled: env.SYNTHETIC_TASKS,
      maxActive: env.SYNTHETIC_MAX_ACTIVE,
      shares: env.SYNTHETIC_SHARES,
      sources,
    },
    scoring: { policy: env.SCORING_POLICY, maxBillions: env.MAX_BILLIONS ?? null },
    uploads: {
      maxFiles: env.UPLOAD_MAX_FILES,
      maxBytes: env.UPLOAD_MAX_BYTES,
      maxPerAssignment: env.UPLOADS_PER_ASSIGNMENT,
      expiryMs: env.UPLOAD_EXPIRY_SECONDS,
    },
    sources: {
      hub: env.HUB_MODELS,
      hubHosts: env.HUB_HOSTS,
      s3Hosts: env.S3_HOSTS,
      timeoutMs: env.SOURCE_TIMEOUT_SECONDS,
      attempts: env.SOURCE_ATTEMPTS,
    },
    evaluation: {
      runner: env.EVAL_RUNNER,
      maxInfrastructureFailures: env.MAX_INFRASTRUCTURE_FAILURES,
      timeoutMs: env.EVALUATION_TIMEOUT_SECONDS,
      early: env.EARLY_EVALUATION,
      allowCode: env.TASK_CODE,
    },
    leases: { heartbeatMs: env.LEASE_HEARTBEAT_SECONDS },
    tokens: { lifetimeMs: env.TOKEN_LIFETIME_SECONDS, challengeLifetimeMs: env.CHALLENGE_LIFETIME_SECONDS },
    downtimeAfterMs: ORDINARY_GAP * env.SERVER_HEARTBEAT_SECONDS,
    idempotencyMs: env.IDEMPOTENCY_SECONDS,
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, "") ?? null,
  };
}
