import type { Device, JsonObject } from "../../contract/index.ts";

export interface LeaseRecord {
  readonly resource: string;
  readonly holder: string;
  /** Grows with every taking: a write with an older token is refused. */
  readonly token: number;
  readonly heartbeatAt: Date;
}

/** A device that a worker has: what evaluations run on, one session at a time. Its lease is held while one does. */
export interface DeviceRecord extends Device {
  /** Name of the process that registered it last. */
  readonly worker: string;
  readonly model: string;
  /** Null where it does not bound what fits: a CPU. */
  readonly memoryMiB: number | null;
  /** The task that the lease's holder works on; means nothing where nobody holds it. */
  readonly taskId: string | null;
  /** The task whose evaluation failed here last for the platform's fault, and when. */
  readonly failedTaskId: string | null;
  readonly failedAt: Date | null;
  readonly seenAt: Date;
}

export type OutboxKind = "wake" | "topic";

/** What the relay must tell: a job to ring (`wake`) or a topic to ring (`topic`). Payloads hold ids only. */
export interface OutboxRecord {
  readonly sequence: number;
  readonly kind: OutboxKind;
  readonly topic: string;
  readonly payload: JsonObject;
  readonly createdAt: Date;
}

export interface MinerEventRecord {
  readonly minerId: string;
  /** 1, 2, 3 … per miner without gaps. */
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly taskId: string | null;
  readonly payload: JsonObject;
  readonly at: Date;
}

/** Words for the operator. */
export interface NoticeRecord {
  readonly id: string;
  readonly taskId: string | null;
  readonly code: string;
  readonly message: string;
  readonly createdAt: Date;
}

/** The last sign of life of any server process: what open deadlines are extended by after a stop. */
export interface ServerHeartbeatRecord {
  readonly id: number;
  readonly at: Date;
}
