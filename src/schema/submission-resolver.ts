import { Ctx, FieldResolver, Float, Resolver, Root } from "type-graphql";
import {
  attachmentsOf,
  decidingEvaluation,
  type EvaluationRecord,
  type FindingRecord,
  type LeaderboardLine,
  manifestDigest,
  mayDownloadSubmission,
  mayReadRows,
  maySeeOutcome,
  type ScoreRecord,
  type SubmissionRecord,
} from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { existing, minerOf, taskOf } from "./existing.ts";
import { artifactFiles, downloadUrl } from "./links.ts";
import { Miner } from "./miner.ts";
import { JsonScalar } from "./scalars.ts";
import { AttachmentFile, Evaluation, Finding, LeaderboardEntry, Score, Submission } from "./submission.ts";
import { Task } from "./task.ts";
import { ArtifactFile } from "./task-parts.ts";

/** Whether the viewer may see what came of a submission. */
async function outcomeVisible(submission: SubmissionRecord, context: ApiContext): Promise<boolean> {
  return maySeeOutcome(context.principal, await taskOf(submission, context), submission.minerId);
}

@Resolver(() => Submission)
export class SubmissionResolver {
  @FieldResolver(() => Task)
  task(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext) {
    return taskOf(submission, context);
  }

  @FieldResolver(() => Miner)
  miner(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext) {
    return minerOf(submission, context);
  }

  @FieldResolver(() => String, { nullable: true, description: "sha256 over the canonical per-tensor digests." })
  digest(@Root() submission: SubmissionRecord): string | null {
    return submission.facts?.digest ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "sha256 over [path, bytes, sha256] of its files. Null until a source has been fetched.",
  })
  manifestDigest(@Root() { files }: SubmissionRecord): string | null {
    return files.length === 0 ? null : manifestDigest(files);
  }

  @FieldResolver(() => Evaluation, { nullable: true, description: "The attempt that counts. Null before SCORED." })
  async evaluation(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext): Promise<EvaluationRecord | null> {
    if (!(await outcomeVisible(submission, context))) return null;
    return decidingEvaluation(await context.loaders.evaluations.load(submission.taskId), submission.id);
  }

  @FieldResolver(() => [Finding], { description: "Empty before SCORED." })
  async findings(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext): Promise<readonly FindingRecord[]> {
    if (!(await outcomeVisible(submission, context))) return [];
    const findings = await context.loaders.findings.load(submission.taskId);
    return findings.filter(({ submissionId }) => submissionId === submission.id);
  }

  @FieldResolver(() => [ArtifactFile])
  files(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext) {
    return artifactFiles(context, submission, mayDownloadSubmission(context.principal, submission));
  }

  @FieldResolver(() => Score, { nullable: true, description: "Null before SCORED, and for seals that do not count." })
  async score(@Root() submission: SubmissionRecord, @Ctx() context: ApiContext): Promise<ScoreRecord | null> {
    if (!(await outcomeVisible(submission, context))) return null;
    const scores = await context.loaders.scores.load(submission.taskId);
    return scores.find(({ submissionId }) => submissionId === submission.id) ?? null;
  }
}

@Resolver(() => Evaluation)
export class EvaluationResolver {
  @FieldResolver(() => Float, { nullable: true })
  testLoss(@Root() { losses }: EvaluationRecord): number | null {
    return losses?.testLoss ?? null;
  }

  @FieldResolver(() => Float, { nullable: true })
  synthLoss(@Root() { losses }: EvaluationRecord): number | null {
    return losses?.synthLoss ?? null;
  }

  @FieldResolver(() => JsonScalar, { nullable: true, description: "Other numbers by name; taskTypes describes them." })
  metrics(@Root() { losses }: EvaluationRecord) {
    return losses?.metrics ?? null;
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: "{test, synth}: the loss of each row, in file order.",
  })
  rowLosses(@Root() { losses }: EvaluationRecord) {
    return losses?.rowLosses ?? null;
  }

  @FieldResolver(() => [AttachmentFile], {
    description: "Files that show something of the model, such as a contact sheet of images.",
  })
  async attachments(@Root() evaluation: EvaluationRecord, @Ctx() context: ApiContext): Promise<AttachmentFile[]> {
    const task = await taskOf(evaluation, context);
    const own = await context.loaders.ownAssignments?.load(task.id);
    // They may show TEST rows, so whoever may not read those gets no link.
    const mayRead = mayReadRows(context.principal, task, "TEST", own?.at(-1) ?? null);
    return attachmentsOf(evaluation).map(({ sha256, ...file }) => ({
      ...file,
      url: mayRead ? downloadUrl(context, sha256, file.name) : null,
    }));
  }
}

@Resolver(() => Finding)
export class FindingResolver {
  @FieldResolver(() => Submission)
  submission(@Root() { submissionId }: FindingRecord, @Ctx() { loaders }: ApiContext): Promise<SubmissionRecord> {
    return existing(loaders.submission.load(submissionId), `submission ${submissionId}`);
  }
}

@Resolver(() => Score)
export class ScoreResolver {
  @FieldResolver(() => Task)
  task(@Root() score: ScoreRecord, @Ctx() context: ApiContext) {
    return taskOf(score, context);
  }

  @FieldResolver(() => Miner)
  miner(@Root() score: ScoreRecord, @Ctx() context: ApiContext) {
    return minerOf(score, context);
  }

  @FieldResolver(() => Submission, { nullable: true })
  submission(@Root() { submissionId }: ScoreRecord, @Ctx() { loaders }: ApiContext) {
    return submissionId === null ? null : loaders.submission.load(submissionId);
  }
}

@Resolver(() => LeaderboardEntry)
export class LeaderboardEntryResolver {
  @FieldResolver(() => Miner)
  miner(@Root() line: LeaderboardLine, @Ctx() context: ApiContext) {
    return minerOf(line, context);
  }

  @FieldResolver(() => Submission, { nullable: true })
  submission(@Root() { submissionId }: LeaderboardLine, @Ctx() { loaders }: ApiContext) {
    return submissionId === null ? null : loaders.submission.load(submissionId);
  }
}
