import { z } from "zod";
import { completeUpload, createUpload, sealSubmission } from "../core/app/index.ts";
import { artifactKind, id, idempotencyKey, submissionSource, uploadFile } from "./input-shapes.ts";
import { defineMutation } from "./mutation.ts";
import { Submission } from "./submission.ts";
import { Upload } from "./upload.ts";

/** From a trained model to a sealed submission. */
export const UPLOAD_MUTATIONS = [
  defineMutation({
    name: "createUpload",
    description: "Announces a model's files; each then goes by PUT to its signed address, resumable by offset.",
    input: z.strictObject({
      idempotencyKey,
      assignmentId: id,
      files: z.array(uploadFile),
    }),
    payload: { upload: () => Upload },
    run: ({ app, principal }, input) => createUpload(app, principal, input),
    present: (upload) => ({ upload }),
  }),
  defineMutation({
    name: "completeUpload",
    description: "Checks that every announced byte has arrived with its sha256.",
    input: z.strictObject({ uploadId: id }),
    payload: { upload: () => Upload },
    run: ({ app, principal }, input) => completeUpload(app, principal, input),
    present: (upload) => ({ upload }),
  }),
  defineMutation({
    name: "sealSubmission",
    description:
      "Hands a model in: a complete upload, which seals once, or a source that the platform fetches. After `final` none does.",
    input: z.strictObject({
      idempotencyKey,
      uploadId: id.optional().describe("A complete upload; or give assignmentId and source."),
      assignmentId: id.optional().describe("Only with a source."),
      source: submissionSource.optional(),
      artifactKind,
      final: z.boolean(),
      strategy: z.string().optional().describe("A label of your own, shown after SCORED."),
    }),
    payload: { submission: () => Submission },
    run: ({ app, principal }, input) => sealSubmission(app, principal, input),
    present: (submission) => ({ submission }),
  }),
] as const;
