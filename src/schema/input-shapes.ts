import { z } from "zod";
import { AccountKindEnum, ArtifactKindEnum, TaskOriginEnum } from "./enums.ts";
import { bindGraphqlType, deriveInput } from "./derive-graphql.ts";
import { ARTIFACT_KINDS, TASK_ORIGINS } from "../core/domain/index.ts";

/** Shapes that inputs share. What a value may be is the use case's business; here only what GraphQL must know. */

export const id = z.uuid("expected an id as this API gave it (a uuid)");
export const idempotencyKey = z
  .string()
  .describe("A random text of yours: the same call again answers the same. Kept 24 hours.");
export const artifactKind = bindGraphqlType(z.enum(ARTIFACT_KINDS), ArtifactKindEnum);
export const taskOrigin = bindGraphqlType(z.enum(TASK_ORIGINS), TaskOriginEnum);
export const capacity = {
  taskTypes: z.array(z.string()).describe("Kinds, as taskTypes lists them."),
  maxParameterCount: z.number().describe("The largest base model that the miner can train."),
  slots: z.int().describe("Tasks at once."),
};
export const accountKind = bindGraphqlType(z.enum(["CUSTOMER", "OPERATOR"]), AccountKindEnum);

export const uploadFile = z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string() });
bindGraphqlType(uploadFile, deriveInput("UploadFileInput", uploadFile));

const huggingFace = z.strictObject({
  repo: z.string().describe("owner/name; it must be public."),
  commit: z.string().describe("All 40 hex digits. Never a branch."),
  manifestDigest: z
    .string()
    .optional()
    .describe("sha256 over the canonical JSON of [path, bytes, sha256] of every file, in the order of paths."),
});
bindGraphqlType(huggingFace, deriveInput("HuggingFaceSourceInput", huggingFace));
const presignedFile = z.strictObject({
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  url: z.string().describe("A presigned link to GET it; used by the server only, and forgotten after use."),
});
bindGraphqlType(presignedFile, deriveInput("PresignedFileInput", presignedFile));
const s3 = z.strictObject({ files: z.array(presignedFile) });
bindGraphqlType(s3, deriveInput("S3SourceInput", s3));
export const submissionSource = z
  .strictObject({ huggingFace: huggingFace.optional(), s3: s3.optional() })
  .describe("Where the model is: exactly one of them.");
bindGraphqlType(submissionSource, deriveInput("SubmissionSourceInput", submissionSource));
