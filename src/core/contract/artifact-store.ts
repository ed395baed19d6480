import type { Readable } from "node:stream";
import type { z } from "zod";
import type { PluginHost } from "./plugin-host.ts";

export interface StoredBlob {
  /** Lower-case hex sha256 of the bytes: the blob's only name. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface LiveArtifactStore {
  /**
   * Reads the stream to its end, hashing it, and keeps it under its sha256. The bytes are always demanded: "already
   * stored" is never an answer, so nobody can claim bytes that he does not hold. A stream that has failed already, or fails
   * before it is read, is a rejection like any other.
   *
   * @throws {RangeError} when more than `maxBytes` arrive; nothing is kept then.
   */
  put(bytes: Readable, limits: { readonly maxBytes: number }): Promise<StoredBlob>;
  /** Null when there is no such blob. */
  open(sha256: string): Promise<Readable | null>;
  /** Copies (never links) a blob to a file path, whose folders it makes. Rejects when the blob is missing. */
  copyTo(sha256: string, path: string): Promise<void>;
  stat(sha256: string): Promise<StoredBlob | null>;
  /** @param condition leaves a blob alone that was put at `putBefore` or after, also where the same bytes were there before. */
  remove(sha256: string, condition?: { readonly putBefore?: Date }): Promise<void>;
}

/** Content-addressed storage for datasets' files and submitted models. */
export interface ArtifactStore<Options extends z.ZodObject = z.ZodObject> {
  readonly type: "artifact-store";
  readonly api: 1;
  readonly name: string;
  readonly options: Options;
  create(options: z.output<Options>, host: PluginHost): LiveArtifactStore;
}
