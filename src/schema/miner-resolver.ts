import { Args, Ctx, FieldResolver, Float, Resolver, Root } from "type-graphql";
import {
  type AssignmentRecord,
  isOnline,
  listSubmissions,
  maySeeProgress,
  type MinerRecord,
  type OfferRecord,
  type Standing,
} from "../core/app/index.ts";
import { valueOf } from "./api-error.ts";
import { Assignment, Offer } from "./assignment.ts";
import { PageArgs } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { minerOf, taskOf } from "./existing.ts";
import { Miner, MinerStanding } from "./miner.ts";
import { JsonScalar } from "./scalars.ts";
import { SubmissionConnection } from "./submission.ts";
import { Task } from "./task.ts";

@Resolver(() => Miner)
export class MinerResolver {
  @FieldResolver(() => Boolean, { description: "Gave a sign of life lately." })
  online(@Root() miner: MinerRecord, @Ctx() { app }: ApiContext): boolean {
    return isOnline(miner, app.clock.now(), app.settings.recruiting.onlineWindowMs);
  }

  @FieldResolver(() => Float, { nullable: true, description: "Mean taskScore of the last 7 days." })
  averageScore(@Root() { id }: MinerRecord, @Ctx() { loaders }: ApiContext): Promise<number | null> {
    return loaders.averageScore.load(id);
  }

  @FieldResolver(() => SubmissionConnection, { description: "To others than the miner: what counted in SCORED tasks." })
  async submissions(
    @Root() { id }: MinerRecord,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { app, principal }: ApiContext,
  ) {
    return valueOf(await listSubmissions(app.store, principal, { minerId: id }, args));
  }
}

@Resolver(() => MinerStanding)
export class MinerStandingResolver {
  @FieldResolver(() => Miner)
  miner(@Root() standing: Standing, @Ctx() context: ApiContext): Promise<MinerRecord> {
    return minerOf(standing, context);
  }
}

@Resolver(() => Assignment)
export class AssignmentResolver {
  @FieldResolver(() => Task)
  task(@Root() assignment: AssignmentRecord, @Ctx() context: ApiContext) {
    return taskOf(assignment, context);
  }

  @FieldResolver(() => Miner)
  miner(@Root() assignment: AssignmentRecord, @Ctx() context: ApiContext) {
    return minerOf(assignment, context);
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: "{phase, step, steps, loss, etaSeconds} as last told.",
  })
  async progress(@Root() assignment: AssignmentRecord, @Ctx() context: ApiContext) {
    const task = await taskOf(assignment, context);
    return maySeeProgress(context.principal, task, assignment) ? assignment.progress : null;
  }

  @FieldResolver(() => String, { nullable: true })
  async failureMessage(@Root() assignment: AssignmentRecord, @Ctx() context: ApiContext): Promise<string | null> {
    const task = await taskOf(assignment, context);
    return maySeeProgress(context.principal, task, assignment) ? assignment.failureMessage : null;
  }
}

@Resolver(() => Offer)
export class OfferResolver {
  @FieldResolver(() => Task)
  task(@Root() offer: OfferRecord, @Ctx() context: ApiContext) {
    return taskOf(offer, context);
  }
}
