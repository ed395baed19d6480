import { Arg, Args, ArgsType, Ctx, Field, ID, Query, Resolver } from "type-graphql";
import { z } from "zod";
import {
  EMPTY_PAGE,
  listSubmissions,
  maySeeSubmission,
  MINER_LIST,
  type Page,
  type Principal,
  readPage,
  slicePage,
  standings,
  TASK_LIST,
  type TaskRecord,
  WEIGHT_SET_LIST,
  type WeightSetRecord,
  type Where,
} from "../core/app/index.ts";
import type { AnyTaskType } from "../core/contract/index.ts";
import { refuse, valueOf } from "./api-error.ts";
import { PageArgs } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { isUuid } from "./loaders.ts";
import { Miner, MinerConnection, MinerStandingConnection } from "./miner.ts";
import { Submission, SubmissionConnection } from "./submission.ts";
import { Task, TaskConnection, TaskFilter } from "./task.ts";
import { BaseModel } from "./task-parts.ts";
import { TaskTypeInfo } from "./task-type-info.ts";
import { WeightSet, WeightSetConnection } from "./weight-set.ts";

@ArgsType()
class TaskListArgs extends PageArgs {
  @Field(() => TaskFilter, { nullable: true })
  readonly filter?: TaskFilter;
}

@ArgsType()
class SubmissionListArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  readonly taskId?: string;
}

@Resolver()
export class QueryResolver {
  @Query(() => Task, { nullable: true })
  async task(@Arg("id", () => ID) id: string, @Ctx() { app, loaders }: ApiContext): Promise<TaskRecord | null> {
    const task = await loaders.task.load(id);
    // A type whose plugin was removed leaves no trace.
    return task !== null && app.registry.taskType(task.kind) ? task : null;
  }

  @Query(() => TaskConnection, { description: "Newest first." })
  async tasks(@Args(() => TaskListArgs) { filter = {}, ...page }: TaskListArgs, @Ctx() context: ApiContext) {
    const where = await taskConditions(context, filter);
    return where === null ? EMPTY_PAGE : valueOf(await readPage(context.app.store, TASK_LIST, where, page));
  }

  @Query(() => Miner, { nullable: true, description: "By id or by hotkey." })
  async miner(
    @Arg("id", () => ID, { nullable: true }) id: string | null,
    @Arg("hotkey", () => String, { nullable: true }) hotkey: string | null,
    @Ctx() { app, loaders }: ApiContext,
  ) {
    if (id) return loaders.miner.load(id);
    if (hotkey) return app.store.findOne("miners", { hotkey });
    return refuse("INVALID_INPUT", "expected an id or a hotkey, found neither", ["id"]);
  }

  @Query(() => MinerConnection, { description: "Newest first." })
  async miners(@Args(() => PageArgs) args: PageArgs, @Ctx() { app }: ApiContext) {
    return valueOf(await readPage(app.store, MINER_LIST, {}, args));
  }

  @Query(() => Submission, { nullable: true, description: "Null where there is none that you may see." })
  async submission(@Arg("id", () => ID) id: string, @Ctx() { principal, loaders }: ApiContext) {
    const submission = await loaders.submission.load(id);
    const task = submission && (await loaders.task.load(submission.taskId));
    return submission && task && maySeeSubmission(principal, task, submission) ? submission : null;
  }

  @Query(() => SubmissionConnection, { description: "Newest first: of one task, or over all tasks." })
  async submissions(
    @Args(() => SubmissionListArgs) { taskId, ...page }: SubmissionListArgs,
    @Ctx() { app, principal, loaders }: ApiContext,
  ) {
    if (!taskId) return valueOf(await listSubmissions(app.store, principal, {}, page));
    const task = await loaders.task.load(taskId);
    if (task === null) return EMPTY_PAGE;
    const all = await loaders.submissions.load(task.id);
    const visible = all.filter((submission) => maySeeSubmission(principal, task, submission));
    return valueOf(slicePage("taskSubmissions", visible, (submission) => submission.id, page));
  }

  @Query(() => MinerStandingConnection, { description: "Miners by the latest weight set, heaviest first." })
  async leaderboard(@Args(() => PageArgs) args: PageArgs, @Ctx() { app }: ApiContext) {
    const [latest] = await app.store.find("weightSets", {}, { orderBy: { sequence: "desc" }, limit: 1 });
    const lines = latest ? standings(latest) : [];
    return valueOf(slicePage("leaderboard", lines, ({ minerId }) => minerId, args));
  }

  @Query(() => WeightSetConnection, { description: "Newest first." })
  async weightSets(@Args(() => PageArgs) args: PageArgs, @Ctx() { app }: ApiContext): Promise<Page<WeightSetRecord>> {
    return valueOf(await readPage(app.store, WEIGHT_SET_LIST, {}, args));
  }

  @Query(() => WeightSet, { nullable: true })
  async weightSet(@Arg("id", () => ID) id: string, @Ctx() { app }: ApiContext): Promise<WeightSetRecord | null> {
    return isUuid(id) ? app.store.findOne("weightSets", { id }) : null;
  }

  @Query(() => [TaskTypeInfo], { description: "What can be posted here." })
  taskTypes(@Ctx() { app }: ApiContext) {
    const shares = app.registry.shares(app.settings.synthetic.shares);
    return [...app.registry.taskTypes.values()].map((type) => ({
      ...taskTypeInfo(type, shares[type.kind] ?? 0),
      plugin: app.registry.pluginOf(type.kind),
    }));
  }

  @Query(() => [BaseModel], { description: "The base models that this server has." })
  baseModels(@Ctx() { app }: ApiContext) {
    return app.bases.list();
  }
}

function taskTypeInfo(type: AnyTaskType, share: number) {
  const { kind, title, description, graphqlName, pool, artifactKinds, tolerance, metrics } = type;
  const specSchema = z.toJSONSchema(type.spec, { io: "input", unrepresentable: "any" });
  return {
    kind,
    title,
    description,
    graphqlName,
    share,
    poolMin: pool.min,
    poolMax: pool.max,
    artifactKinds,
    tolerance,
    specSchema,
    metrics,
  };
}

/** Null where nothing can match. */
async function taskConditions(
  { app, principal }: ApiContext,
  { status, kind, origin, mine }: TaskFilter,
): Promise<Where<TaskRecord> | null> {
  const kinds = [...app.registry.taskTypes.keys()].filter((known) => (kind ?? known) === known);
  if (kinds.length === 0) return null;
  const own = mine === true ? await ownTasks(app, principal) : {};
  return (
    own && {
      kind: { in: kinds },
      // GraphQL has checked both against the very same lists.
      ...(!status ? {} : { status: { in: status as readonly TaskRecord["status"][] } }),
      ...(!origin ? {} : { origin: origin as TaskRecord["origin"] }),
      ...own,
    }
  );
}

async function ownTasks(app: ApiContext["app"], principal: Principal): Promise<Where<TaskRecord> | null> {
  if (principal.kind === "ANONYMOUS") return null;
  if (principal.kind !== "MINER") return { customerId: principal.accountId };
  const assignments = await app.store.find("assignments", { minerId: principal.minerId });
  return assignments.length === 0 ? null : { id: { in: assignments.map(({ taskId }) => taskId) } };
}
