import type { JsonObject } from "../../contract/index.ts";

/** A customer or an operator: somebody who holds API keys. */
export interface AccountRecord {
  readonly id: string;
  readonly kind: "CUSTOMER" | "OPERATOR";
  readonly name: string;
  readonly createdAt: Date;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly accountId: string;
  readonly label: string;
  /** First characters of the key, to recognise it by; the key itself is never stored. */
  readonly prefix: string;
  /** sha256 of the key. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface MinerRecord {
  readonly id: string;
  /** sr25519 public key in SS58 form. */
  readonly hotkey: string;
  readonly name: string;
  readonly status: "ACTIVE" | "SUSPENDED";
  readonly taskTypes: readonly string[];
  readonly maxParameterCount: number;
  readonly slots: number;
  readonly lastHeartbeatAt: Date | null;
  /** The sequence number of the miner's newest event; 0 before the first. */
  readonly eventSequence: number;
  readonly createdAt: Date;
}

export interface ChallengeRecord {
  readonly id: string;
  readonly hotkey: string;
  readonly message: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

export interface IdempotencyRecord {
  readonly principal: string;
  readonly mutation: string;
  readonly key: string;
  readonly bodyDigest: string;
  /** What the first call answered, as ids. */
  readonly result: JsonObject;
  readonly createdAt: Date;
}

/** Every mutation by an operator. */
export interface AuditRecord {
  readonly id: string;
  readonly actor: string;
  readonly action: string;
  readonly data: JsonObject;
  readonly at: Date;
}
