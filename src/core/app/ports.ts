import type { Readable } from "node:stream";
import type { JsonObject } from "../contract/index.ts";
import type { Result, SeedPurpose } from "../domain/index.ts";
import type { AppResult } from "./errors.ts";
import type { DeviceRecord, MinerEventRecord, ModelSource, Tables } from "./records.ts";
import type { VerdictCode } from "./submissions/static-verdict.ts";

/** A condition on one column: a value, one of several, or a comparison. */
export type Condition<V> =
  | V
  | { readonly in: readonly V[] }
  | { readonly not: V }
  | { readonly lt: V }
  | { readonly lte: V }
  | { readonly gt: V }
  | { readonly gte: V };

/** All conditions must hold. */
export type Where<Row> = { readonly [Column in keyof Row]?: Condition<Row[Column]> };

export interface FindOptions<Row> {
  readonly orderBy?: { readonly [Column in keyof Row]?: "asc" | "desc" };
  readonly limit?: number;
  /** Row lock until the end of the transaction; `skip` leaves out rows that somebody else has locked. */
  readonly lock?: "update" | "skip";
}

/** Columns that the database fills when they are left out. */
type Generated = "sequence" | "sealSequence";
export type NewRow<Row> = Omit<Row, Extract<keyof Row, Generated>> & Partial<Pick<Row, Extract<keyof Row, Generated>>>;

/** Reading, without a transaction of its own. */
export interface Reader {
  find<T extends keyof Tables>(
    table: T,
    where: Where<Tables[T]>,
    options?: FindOptions<Tables[T]>,
  ): Promise<readonly Tables[T][]>;
  findOne<T extends keyof Tables>(
    table: T,
    where: Where<Tables[T]>,
    options?: FindOptions<Tables[T]>,
  ): Promise<Tables[T] | null>;
  count<T extends keyof Tables>(table: T, where: Where<Tables[T]>): Promise<number>;
  /** Mean taskScore per miner over tasks SCORED since then; miners without one are absent. */
  averageScores(since: Date): Promise<ReadonlyMap<string, number>>;
  /** Tasks created since then by kind, without BENCHMARK ones and those cancelled before RECRUITING (spec section 2). */
  demandByKind(since: Date): Promise<ReadonlyMap<string, number>>;
  /** Miners that have an assignment accepted since then. */
  minersAssignedSince(since: Date): Promise<ReadonlySet<string>>;
  /** Active assignments (ACCEPTED or ACTIVE) per miner. */
  busySlots(): Promise<ReadonlyMap<string, number>>;
  /** The earliest `dueAt` of any non-terminal task. */
  nextDueAt(): Promise<Date | null>;
  /** A page in (orderColumn desc, id desc) or ascending order, keyset not offset; one more row than `limit` tells of a next page. */
  page<T extends keyof Tables>(table: T, request: PageRequest<Tables[T]>): Promise<readonly Tables[T][]>;
}

export interface PageRequest<Row> {
  readonly where: Where<Row>;
  /** Unique together: the last one breaks ties. */
  readonly orderBy: readonly (keyof Row & string)[];
  readonly direction: "asc" | "desc";
  /** Values of the orderBy columns of the last row seen. */
  readonly after: readonly (string | number | Date)[] | null;
  readonly limit: number;
}

/** One transaction: everything or nothing. */
export interface Tx extends Reader {
  insert<T extends keyof Tables>(table: T, row: NewRow<Tables[T]>): Promise<Tables[T]>;
  insertMany<T extends keyof Tables>(table: T, rows: readonly NewRow<Tables[T]>[]): Promise<void>;
  /** False, and nothing written, where a row with that key is there already. */
  insertIfAbsent<T extends keyof Tables>(table: T, row: NewRow<Tables[T]>): Promise<boolean>;
  /** Rows changed: 0 means that the compare failed. */
  update<T extends keyof Tables>(table: T, where: Where<Tables[T]>, patch: Partial<Tables[T]>): Promise<number>;
  remove<T extends keyof Tables>(table: T, where: Where<Tables[T]>): Promise<number>;
  /** Assigns each miner's next sequence numbers and stores the events, miners locked in sorted order; also writes a `topic` outbox row `miner:<id>` for each. */
  appendMinerEvents(events: readonly Omit<MinerEventRecord, "sequence">[]): Promise<void>;
  /** Until the end of the transaction: whoever names blobs shares their locks, whoever removes one holds its lock `alone`. */
  lockBlobs(sha256s: readonly string[], how: { readonly alone: boolean }): Promise<void>;
  /** Whether any row that may still need it names this blob. */
  isBlobNamed(sha256: string): Promise<boolean>;
  /** Tells the relay, after the commit, to ring a job (`wake`) or a topic. */
  ring(kind: "wake" | "topic", topic: string, payload: JsonObject): Promise<void>;
}

export interface Store extends Reader {
  /** Runs `work` in one transaction; a throw rolls back. Serialisation failures and deadlocks are retried three times. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Held work: a lease row with heartbeat and fencing token. */
export interface Lease {
  readonly resource: string;
  readonly token: number;
  /** Aborted as soon as the lease is lost. */
  readonly signal: AbortSignal;
}

/** Long work is bounded per process and kind: fetching models takes no room from tasks, devices bound themselves. */
export type LeaseKind = "task" | "fetch" | "device" | "model";

export interface Leases {
  /** Takes the lease and heartbeats until `work` ends; null when somebody alive holds it, or this process has no room. */
  withLease<T>(
    resource: string,
    work: (lease: Lease) => Promise<T>,
    kind?: LeaseKind,
  ): Promise<{ readonly value: T } | null>;
  /** Throws inside a transaction when the lease was lost: a late result of an old holder cannot be written. */
  assertHeld(tx: Tx, lease: Lease): Promise<void>;
}

/** A device of this process, as it was found at the start. */
export type OwnDevice = Pick<DeviceRecord, "kind" | "uuid" | "model" | "memoryMiB">;

/** This process as others see it who share its database. */
export interface Worker {
  readonly name: string;
  /** None where it evaluates nothing. */
  readonly devices: readonly OwnDevice[];
}

/** A bell for work: holds no state, no retries and no progress. Ringing the same id twice is one job. */
export interface JobQueue extends AsyncDisposable {
  ring(job: { readonly id: string; readonly name: string; readonly data: JsonObject }): Promise<void>;
  /** Starts working; the handler's rejection is logged and the job is gone (rows and leases know better). */
  work(
    concurrency: number,
    handler: (job: { readonly name: string; readonly data: JsonObject }) => Promise<void>,
  ): Promise<void>;
}

/**
 * Tells subscribers of this node; addressed: cost is O(subscribers of the topic). A ring says "look again": rings that
 * nobody has taken yet are not queued twice, and after a gap in the connection every topic is rung with `{}`.
 */
export interface Broadcast {
  publish(topic: string, payload: JsonObject): void;
  subscribe(
    topics: readonly string[],
    signal?: AbortSignal,
  ): AsyncIterableIterator<{ readonly topic: string; readonly payload: JsonObject }>;
}

export interface Clock {
  now(): Date;
}

/** Ids: random, or derived from a name so that the same request makes the same thing. */
export interface Ids {
  random(): string;
  /** A uuid (version 8) from HMAC-SHA256(operatorSecret, parts). */
  derived(...parts: readonly string[]): string;
}

export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** HMAC and hashes: node's crypto behind a name, so that use cases stay free of it. */
export interface Secrets {
  /** 32 bytes: HMAC-SHA256(operatorSecret, taskId). */
  taskSecret(taskId: string): Uint8Array;
  /** 32 bytes: HMAC-SHA256(taskSecret, `${purpose}:${attempt}`). */
  seed(taskId: string, purpose: SeedPurpose, attempt: number): Uint8Array;
  sha256(data: string | Uint8Array): string;
  randomHex(bytes: number): string;
}

/** Base models that the operator has: found by repo and revision. */
export interface BaseModels {
  find(repo: string, revision: string | null): Promise<BaseModelInfo | null>;
  list(): Promise<readonly BaseModelInfo[]>;
}

export interface BaseModelInfo {
  readonly repo: string;
  /** 40 hex digits. */
  readonly revision: string;
  readonly parameterCount: number;
  readonly contextLength: number;
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  /** Canonical sha256 of each tensor by name (name, dtype, shape, bytes). */
  tensorDigests(): Promise<
    ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: string; readonly sha256: string }>
  >;
  /** The model's config.json. */
  readonly config: JsonObject;
}

/** Signatures by this server for this server: tokens and links. Each purpose has a key of its own. */
export interface Signer {
  /** HMAC-SHA256 in base64url. */
  sign(purpose: SignaturePurpose, text: string): string;
  /** In constant time. */
  verify(purpose: SignaturePurpose, text: string, signature: string): boolean;
  /** Compares two texts in a time that tells nothing about them. */
  equal(a: string, b: string): boolean;
}

export type SignaturePurpose = "miner-token" | "upload" | "download" | "api-key";

/** Miners' sr25519 keys. */
export interface Hotkeys {
  /** True for an SS58 address of a 32-byte public key with a valid checksum. */
  isAddress(text: string): boolean;
  /** True where `signature` (128 hex digits, 0x or not) by the address's key is over the message's UTF-8 bytes. */
  verify(address: string, message: string, signature: string): boolean;
}

/** Files on their way: each part is one file that grows by appending and is as long as what was received. */
export interface UploadParts {
  /** Bytes on disk; 0 where nothing has arrived. */
  received(uploadId: string, index: number): Promise<number>;
  /**
   * Appends a stream at `offset` and flushes it to disk. A writer already at this part is cut off first, so a stalled
   * connection blocks nobody. What arrived before a broken stream stays.
   */
  append(uploadId: string, index: number, piece: UploadPiece): Promise<AppendOutcome>;
  /** Lower-case hex sha256 of what has arrived. */
  sha256(uploadId: string, index: number): Promise<string>;
  /** Rejects when nothing has arrived. */
  read(uploadId: string, index: number): Promise<Readable>;
  /** Forgets one part. */
  drop(uploadId: string, index: number): Promise<void>;
  /** Forgets all parts of an upload. */
  dropUpload(uploadId: string): Promise<void>;
  /** Uploads that have parts. */
  list(): Promise<readonly string[]>;
}

export interface UploadPiece {
  readonly offset: number;
  /** The part never grows beyond this; a piece that would is taken back whole. */
  readonly maxBytes: number;
  readonly body: Readable;
}

export type AppendOutcome = {
  /**
   * `broken`: the stream ended early; `taken-over`: another one writes this part now; `wrong-offset`: nothing was written;
   * `too-long`: what was written was taken back.
   */
  readonly status: "appended" | "broken" | "taken-over" | "wrong-offset" | "too-long";
  readonly received: number;
};

/**
 * Fetches bytes from the public internet over https; expected failures are values with DATASET_* codes.
 *
 * @throws InfrastructureError (DATASET_UNREACHABLE) where the server or the way to it failed: it may work later.
 */
export type Download = (
  url: string,
  limits: { readonly maxBytes: number; readonly timeoutMs: number },
  signal: AbortSignal,
) => Promise<AppResult<Uint8Array>>;

/** A file that a source says it has, before a byte of it is read. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** What the bytes must hash to: sha256, or git's sha1 of a blob. Lower-case hex. */
  readonly digest: { readonly kind: "sha256" | "git-sha1"; readonly hex: string };
}

/** Why a source gave nothing. `infrastructure` is tried again and never charged; the rest is the miner's. */
export type SourceFault =
  | { readonly blame: "miner"; readonly code: VerdictCode; readonly message: string }
  | { readonly blame: "infrastructure"; readonly code: string; readonly message: string };

/** Reads sealed models from where their miners say that they are. Neither messages nor logs hold links. */
export interface ModelSources {
  /** What may be fetched, or why this can't be a source at all: a sentence, null where it can. */
  refusal(source: ModelSource): string | null;
  list(source: ModelSource, signal: AbortSignal): Promise<Result<readonly ListedFile[], SourceFault>>;
  /** The stream breaks off where the connection does. */
  open(source: ModelSource, path: string, signal: AbortSignal): Promise<Result<Readable, SourceFault>>;
}
