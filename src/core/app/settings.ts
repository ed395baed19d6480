/** The operator's settings, parsed once from the environment by core/infra/config. Durations in the unit of the name. */
export interface Settings {
  readonly recruiting: {
    /** Null: each task type's own pool. */
    readonly pool: { readonly min: number; readonly max: number } | null;
    /** Null: the pool's lower bound. */
    readonly minMiners: number | null;
    readonly offerWindowMs: number;
    readonly delayBackoffMs: number;
    readonly maxDelays: number;
    readonly delayExtensionSeconds: number;
    /** A miner without a heartbeat for this long is offline. */
    readonly onlineWindowMs: number;
  };
  readonly budget: { readonly minSeconds: number; readonly maxSeconds: number };
  readonly dataset: {
    readonly minRows: number;
    readonly maxRows: number;
    readonly maxBytes: number;
    readonly allowWithoutSynth: boolean;
    readonly downloadTimeoutMs: number;
    /** Where Hugging Face datasets are resolved. */
    readonly hubUrl: string;
  };
  readonly synthetic: {
    readonly enabled: boolean;
    readonly maxActive: number;
    readonly shares: Readonly<Record<string, number>>;
    readonly sources: readonly SyntheticSource[];
  };
  readonly scoring: { readonly policy: string; readonly maxBillions: number | null };
  readonly uploads: {
    readonly maxFiles: number;
    readonly maxBytes: number;
    readonly maxPerAssignment: number;
    readonly expiryMs: number;
  };
  /** Where models may be fetched from, beside uploads. */
  readonly sources: {
    /** Repositories of the hub at `dataset.hubUrl`. */
    readonly hub: boolean;
    /** Hosts that the hub may redirect downloads to; those below them count too. */
    readonly hubHosts: readonly string[];
    /** Hosts of presigned links; those below them count too, whole origins (http://host:port) are trusted as they are. None: no S3. */
    readonly s3Hosts: readonly string[];
    /** One attempt to fetch one model. */
    readonly timeoutMs: number;
    readonly attempts: number;
  };
  readonly evaluation: {
    readonly runner: string;
    readonly maxInfrastructureFailures: number;
    readonly timeoutMs: number;
    /** Whether sealed submissions are evaluated before the deadline, where a device is free. */
    readonly early: boolean;
    /** Whether customers may post tasks that bring code along. */
    readonly allowCode: boolean;
  };
  readonly leases: { readonly heartbeatMs: number };
  readonly tokens: { readonly lifetimeMs: number; readonly challengeLifetimeMs: number };
  /** A server whose last sign of life is older was down; what is younger is the ordinary time between two. */
  readonly downtimeAfterMs: number;
  readonly idempotencyMs: number;
  readonly publicUrl: string | null;
}

/** What synthetic tasks can be made of: the operator lists some for each task type. */
export interface SyntheticSource {
  readonly kind: string;
  /** Tells the sources of a kind apart. */
  readonly title: string;
  readonly baseModel: { readonly repo: string; readonly revision: string | null };
  readonly dataset: SyntheticDataset;
  readonly spec: unknown;
  /** Null: drawn uniformly between the type's bounds for this many rows. */
  readonly budgetSeconds: number | null;
  /** Rows of one task: so many are made, or drawn from the file. Null: all of the file's. */
  readonly rows: number | null;
}

/** A file on this machine (absolute path), the type's own generator, or what a customer would name. */
export type SyntheticDataset =
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "generator"; readonly options: unknown }
  | { readonly from: "input"; readonly input: unknown };
