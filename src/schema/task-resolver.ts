import { Args, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import {
  type AssignmentRecord,
  baselineOf,
  type BaselineView,
  EMPTY_PAGE,
  leaderboard,
  type LeaderboardLine,
  mayManage,
  mayReadDatasetSource,
  mayReadDigest,
  mayReadRows,
  maySeeAssignment,
  maySeeLeaderboard,
  maySeeResult,
  maySeeSubmission,
  maySeeTaskEvents,
  type Page,
  readPage,
  slicePage,
  type SubmissionRecord,
  TASK_EVENT_LIST,
  type TaskEventRecord,
  type TaskRecord,
} from "../core/app/index.ts";
import type { JsonObject } from "../core/contract/index.ts";
import type { TaskFailureCode } from "../core/domain/index.ts";
import { valueOf } from "./api-error.ts";
import { AssignmentConnection } from "./assignment.ts";
import { EventPageArgs, PageArgs } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { artifactFiles, splitUrl } from "./links.ts";
import { JsonScalar } from "./scalars.ts";
import { LeaderboardEntry, SubmissionConnection } from "./submission.ts";
import { Task, TaskEventConnection } from "./task.ts";
import { Baseline, BaseModel, DatasetSplit, TaskBlocked, TaskFailure } from "./task-parts.ts";
import { TaskResult } from "./task-result.ts";

/** What everybody may know of why a task ended without scores. */
const IN_GENERAL: Readonly<Record<TaskFailureCode, string>> = {
  PREPARATION_FAILED: "the dataset could not be prepared",
  NO_MINERS: "too few miners took part",
  NO_VALID_SUBMISSION: "no submission could be ranked",
  EVALUATION_FAILED: "the task could not be evaluated",
  CANCELLED: "cancelled",
};

/** A link's query may hold a signature, and who has that has the rows. */
function withoutQuery(source: JsonObject): JsonObject {
  const url = typeof source["url"] === "string" ? URL.parse(source["url"]) : null;
  return url === null ? source : { ...source, url: `${url.origin}${url.pathname}` };
}

/** The fields of a task that are more than a column of its row. */
@Resolver(() => Task)
export class TaskResolver {
  @FieldResolver(() => BaseModel)
  async baseModel(@Root() task: TaskRecord, @Ctx() { app }: ApiContext) {
    const base = await app.bases.find(task.baseRepo, task.baseRevision);
    const { baseRepo: repo, baseRevision: revision, parameterCount } = task;
    return { repo, revision, parameterCount, contextLength: base?.contextLength ?? null };
  }

  @FieldResolver(() => Int, { description: "As granted: the initial budget and what delays added." })
  budgetSeconds(@Root() task: TaskRecord): number {
    return task.grantedBudgetSeconds;
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: "Owner and operator; to all after SCORED, links without their query.",
  })
  datasetSource(@Root() task: TaskRecord, @Ctx() { principal }: ApiContext) {
    if (mayManage(principal, task)) return task.datasetSource;
    return mayReadDatasetSource(principal, task) ? withoutQuery(task.datasetSource) : null;
  }

  @FieldResolver(() => TaskFailure, { nullable: true })
  failure(@Root() task: TaskRecord, @Ctx() { principal }: ApiContext) {
    if (task.failure === null || mayManage(principal, task)) return task.failure;
    // Its own words may tell of the dataset's source and rows, and of what rivals reported.
    return { ...task.failure, message: IN_GENERAL[task.failure.code], logTail: null };
  }

  @FieldResolver(() => TaskBlocked, { nullable: true })
  blocked(@Root() task: TaskRecord, @Ctx() { principal }: ApiContext) {
    if (task.blocked === null || mayManage(principal, task)) return task.blocked;
    // The fault may lie in what somebody sealed.
    return { ...task.blocked, message: "the operator has to see to it" };
  }

  @FieldResolver(() => String, { nullable: true, description: "Hex, only after SCORED: replay the draws with it." })
  secret(@Root() task: TaskRecord, @Ctx() { app }: ApiContext): string | null {
    return task.status === "SCORED" ? Buffer.from(app.secrets.taskSecret(task.id)).toString("hex") : null;
  }

  @FieldResolver(() => Baseline, { nullable: true, description: "The base model's own losses, after SCORED." })
  async baseline(@Root() task: TaskRecord, @Ctx() { principal, loaders }: ApiContext): Promise<BaselineView | null> {
    return maySeeLeaderboard(principal, task) ? baselineOf(await loaders.evaluations.load(task.id)) : null;
  }

  @FieldResolver(() => [DatasetSplit])
  async splits(@Root() task: TaskRecord, @Ctx() context: ApiContext) {
    const { principal, loaders } = context;
    const [splits, own] = await Promise.all([
      loaders.splits.load(task.id),
      loaders.ownAssignments?.load(task.id) ?? [],
    ]);
    const assignment = own.at(-1) ?? null;
    return splits.map((split) => ({
      split: split.split,
      rows: split.rows,
      bytes: split.bytes,
      commitment: split.commitment,
      sha256: mayReadDigest(principal, task, split.split, assignment) ? split.sha256 : null,
      nonce: task.status === "SCORED" ? split.nonce : null,
      url: mayReadRows(principal, task, split.split, assignment) ? splitUrl(context, split) : null,
    }));
  }

  @FieldResolver(() => SubmissionConnection, { description: "Before SCORED: a miner's own; all to the operator." })
  async submissions(
    @Root() task: TaskRecord,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { principal, loaders }: ApiContext,
  ): Promise<Page<SubmissionRecord>> {
    const all = await loaders.submissions.load(task.id);
    const visible = all.filter((submission) => maySeeSubmission(principal, task, submission));
    return valueOf(slicePage("taskSubmissions", visible, ({ id }) => id, args));
  }

  @FieldResolver(() => [LeaderboardEntry], { description: "Empty before SCORED." })
  async leaderboard(
    @Root() task: TaskRecord,
    @Ctx() { principal, loaders }: ApiContext,
  ): Promise<readonly LeaderboardLine[]> {
    if (!maySeeLeaderboard(principal, task)) return [];
    const [scores, submissions, evaluations, findings] = await Promise.all([
      loaders.scores.load(task.id),
      loaders.submissions.load(task.id),
      loaders.evaluations.load(task.id),
      loaders.findings.load(task.id),
    ]);
    return leaderboard({ scores, submissions, evaluations, findings });
  }

  @FieldResolver(() => AssignmentConnection, {
    description: "Before SCORED: owner and operator; a miner only its own.",
  })
  async assignments(
    @Root() task: TaskRecord,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { principal, loaders }: ApiContext,
  ): Promise<Page<AssignmentRecord>> {
    const all = await loaders.assignments.load(task.id);
    const visible = all.filter((assignment) => maySeeAssignment(principal, task, assignment));
    return valueOf(slicePage("taskAssignments", visible, ({ id }) => id, args));
  }

  @FieldResolver(() => TaskEventConnection, { description: "Owner and operator; to all after SCORED." })
  async events(
    @Root() task: TaskRecord,
    @Args(() => EventPageArgs) args: EventPageArgs,
    @Ctx() { app, principal }: ApiContext,
  ): Promise<Page<TaskEventRecord>> {
    if (!maySeeTaskEvents(principal, task)) return EMPTY_PAGE;
    return valueOf(await readPage(app.store, TASK_EVENT_LIST, { taskId: task.id }, args));
  }

  @FieldResolver(() => TaskResult, {
    nullable: true,
    description: "The winning model: owner and operator, after SCORED.",
  })
  async result(@Root() task: TaskRecord, @Ctx() context: ApiContext) {
    const { principal, loaders } = context;
    if (!maySeeResult(principal, task)) return null;
    const winner = (await loaders.scores.load(task.id)).find(({ rank }) => rank === 1);
    const submission = winner?.submissionId ? await loaders.submission.load(winner.submissionId) : null;
    if (submission === null) return null;
    const { artifactKind } = submission;
    return { submission, artifactKind, files: artifactFiles(context, submission, true) };
  }
}
