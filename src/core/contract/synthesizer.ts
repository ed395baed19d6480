import type { z } from "zod";
import type { PluginHost } from "./plugin-host.ts";
import type { Row, Synthesis } from "./task-type.ts";

export interface RewriteRequest {
  /** The TEST row to rewrite, never a TRAIN row. */
  readonly row: Row;
  readonly synthesis: Synthesis;
  /** 0, 1, 2 … where one row is rewritten several times: results must differ. */
  readonly variant: number;
  /** 0 at first, then counts the retries after a refused row. */
  readonly attempt: number;
  /** Starts with the same numbers for every variant and attempt of a row: these two make the difference. */
  readonly rng: () => number;
  readonly signal: AbortSignal;
}

export type RewriteOutcome =
  { readonly status: "rewritten"; readonly row: Row } | { readonly status: "refused"; readonly reason: string };

export interface LiveSynthesizer {
  /** The label stored with the SYNTH split, for example "template". */
  readonly method: string;
  /** Rejects with an InfrastructureError when its service is out of reach. */
  rewrite(request: RewriteRequest): Promise<RewriteOutcome>;
}

/** G(x, tau) of spec section 4: makes SYNTH rows by rewriting TEST rows. */
export interface Synthesizer<Options extends z.ZodObject = z.ZodObject> {
  readonly type: "synthesizer";
  readonly api: 1;
  readonly name: string;
  readonly options: Options;
  create(options: z.output<Options>, host: PluginHost): LiveSynthesizer;
}
