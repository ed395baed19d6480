import type { JsonObject } from "./json.ts";

export interface PluginLog {
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
}

/** What the server lends to plugins that are live things (runners, stores, synthesizers, publishers). */
export interface PluginHost {
  /** A folder of the plugin's own that survives restarts. */
  readonly dataFolder: string;
  /** A folder for temporary files; emptied at every start. */
  readonly scratchFolder: string;
  readonly log: PluginLog;
  /** The append-only ledger of published weight sets. */
  readonly ledger: Ledger;
}

export interface LedgerEntry {
  readonly weightSetId: string;
  /** sha256 (hex) of the weight set's canonical JSON. */
  readonly digest: string;
}

/** Rows chained by `prev_digest`; appending the same weight set twice changes nothing. */
export interface Ledger {
  append(entry: LedgerEntry): Promise<{ readonly sequence: number; readonly chainDigest: string }>;
}
