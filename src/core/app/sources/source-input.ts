import { z } from "zod";
import { sha256 } from "../input-schemas.ts";
import type { ModelSource, SourceName } from "../records.ts";

const LONGEST_LINK = 4096;

/** `owner/name` as the hub has it; neither may be a path. */
const repo = z
  .string()
  .regex(/^(?!.*\.\.)[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/, "expected a repository as owner/name");
const commit = z.string().regex(/^[0-9a-f]{40}$/, "expected a full commit of 40 hex digits: a branch can be moved");

/** Left out is null: an idempotent call is compared by its canonical JSON. */
const orNull = <Value>(value: Value | null | undefined): Value | null => value ?? null;

/** What a miner may name instead of an upload: exactly one of the two. */
export const sourceInput = z
  .strictObject({
    huggingFace: z
      .strictObject({ repo, commit, manifestDigest: sha256.nullish().transform(orNull) })
      .nullish()
      .transform(orNull),
    s3: z
      .strictObject({
        files: z.array(
          z.strictObject({
            path: z.string(),
            bytes: z.int().positive("expected a file with at least one byte"),
            sha256,
            url: z.string().max(LONGEST_LINK, `expected a link of at most ${LONGEST_LINK} characters`),
          }),
        ),
      })
      .nullish()
      .transform(orNull),
  })
  .refine(({ huggingFace, s3 }) => (huggingFace === null) !== (s3 === null), "expected one of huggingFace and s3");

/** The source as it is stored. */
export function toSource({ huggingFace, s3 }: z.output<typeof sourceInput>): ModelSource {
  if (s3 !== null) return { kind: "S3", files: s3.files };
  if (huggingFace === null) throw new Error("the schema lets one of the two through");
  return { kind: "HUGGING_FACE", ...huggingFace };
}

/** What of it may be shown. */
export function nameOf(source: ModelSource): SourceName {
  if (source.kind === "S3") return { kind: "S3" };
  return { kind: "HUGGING_FACE", repo: source.repo, commit: source.commit };
}

/** The same without links, which nobody needs once they were used. */
export const withoutLinks = (source: ModelSource): ModelSource =>
  source.kind === "S3" ? { ...source, files: source.files.map((file) => ({ ...file, url: "" })) } : source;
