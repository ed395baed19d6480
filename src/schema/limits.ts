/** How much one client may ask for. Bytes and milliseconds. */
export interface ApiLimits {
  readonly maxDepth: number;
  /** Cost by graphql-armor: fields, times `first`, times 1.5 per level. */
  readonly maxCost: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  readonly maxTokens: number;
  /** A body's length, beside the dataset's rows, which a body of a customer may carry. */
  readonly bodyOverheadBytes: number;
  /** What those rows may come to, whatever the operator allows: a body is one text, parsed at once while all others wait. */
  readonly maxRowsInBodyBytes: number;
  /** In which a request's headers, and a body that is no upload, have to be here. */
  readonly headersMs: number;
  readonly bodyMs: number;
  /** A file on its way, in or out, takes as long as it takes; without a byte for this long it is cut off. */
  readonly transferIdleMs: number;
  /** One message from a client. */
  readonly maxFrameBytes: number;
  /** What may wait to be sent to one socket; a client that reads too slowly is cut off and comes back with its cursor. */
  readonly maxBufferedBytes: number;
  /** Operations in flight on one socket. */
  readonly maxOperationsPerSocket: number;
  readonly connectionInitMs: number;
  readonly keepAliveMs: number;
  /** How often a silent socket's token is looked at for its end; that asks no database. */
  readonly tokenCheckMs: number;
  /** How often it is looked at whole, should a ring of `accessTopic` be missed. Every operation does so anyway. */
  readonly principalCheckMs: number;
}

export const API_LIMITS: ApiLimits = Object.freeze({
  maxDepth: 12,
  maxCost: 50_000,
  maxAliases: 30,
  maxDirectives: 20,
  maxTokens: 3_000,
  bodyOverheadBytes: 1_000_000,
  maxRowsInBodyBytes: 128_000_000,
  headersMs: 60_000,
  bodyMs: 300_000,
  transferIdleMs: 60_000,
  maxFrameBytes: 1_000_000,
  maxBufferedBytes: 8_000_000,
  maxOperationsPerSocket: 64,
  connectionInitMs: 10_000,
  keepAliveMs: 12_000,
  tokenCheckMs: 5_000,
  principalCheckMs: 60_000,
});
