import type { z } from "zod";
import type { PluginHost } from "./plugin-host.ts";

/** A weight set as it is published: integers per 1e9 by miner hotkey, largest remainder, sum 1e9 or all zero. */
export interface PublishableWeightSet {
  readonly id: string;
  readonly sequence: number;
  readonly digest: string;
  readonly empty: boolean;
  readonly weights: readonly { readonly hotkey: string; readonly integer: number }[];
}

export interface LiveWeightPublisher {
  /** Idempotent by the set's id. Resolves to a reference that an auditor can follow. */
  publish(set: PublishableWeightSet, signal: AbortSignal): Promise<{ readonly reference: string }>;
}

/** Where weight sets go: a ledger table, a chain, a file. */
export interface WeightPublisher<Options extends z.ZodObject = z.ZodObject> {
  readonly type: "weight-publisher";
  readonly api: 1;
  readonly name: string;
  readonly options: Options;
  create(options: z.output<Options>, host: PluginHost): LiveWeightPublisher;
}
