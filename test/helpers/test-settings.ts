import type { Settings } from "../../src/core/app/index.ts";

/** An operator's settings for small worlds: two miners are enough, and nothing waits long. */
export const TEST_SETTINGS: Settings = Object.freeze({
  recruiting: {
    pool: { min: 2, max: 2 },
    minMiners: 1,
    offerWindowMs: 10_000,
    delayBackoffMs: 60_000,
    maxDelays: 2,
    delayExtensionSeconds: 60,
    onlineWindowMs: 60_000,
  },
  budget: { minSeconds: 1, maxSeconds: 86_400 },
  dataset: {
    minRows: 10,
    maxRows: 10_000,
    maxBytes: 10_000_000,
    allowWithoutSynth: true,
    downloadTimeoutMs: 5_000,
    hubUrl: "https://hub.invalid",
  },
  synthetic: { enabled: false, maxActive: 0, shares: {}, sources: [] },
  scoring: { policy: "paper", maxBillions: null },
  uploads: { maxFiles: 8, maxBytes: 1_000_000, maxPerAssignment: 5, expiryMs: 3_600_000 },
  sources: {
    hub: true,
    hubHosts: ["hub.invalid"],
    s3Hosts: ["buckets.invalid"],
    timeoutMs: 60_000,
    attempts: 3,
  },
  evaluation: { runner: "none", maxInfrastructureFailures: 3, timeoutMs: 60_000, early: false, allowCode: false },
  leases: { heartbeatMs: 1_000 },
  tokens: { lifetimeMs: 900_000, challengeLifetimeMs: 60_000 },
  downtimeAfterMs: 6_000,
  idempotencyMs: 86_400_000,
  publicUrl: null,
});
