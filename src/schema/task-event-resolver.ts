import { Ctx, FieldResolver, ID, Resolver, Root } from "type-graphql";
import { mayManage, type TaskEventRecord } from "../core/app/index.ts";
import type { JsonObject } from "../core/contract/index.ts";
import type { ApiContext } from "./context.ts";
import { taskOf } from "./existing.ts";
import { JsonScalar } from "./scalars.ts";
import { TaskEvent } from "./task.ts";

@Resolver(() => TaskEvent)
export class TaskEventResolver {
  @FieldResolver(() => ID)
  id(@Root() { sequence }: TaskEventRecord, @Ctx() { app }: ApiContext): string {
    return app.ids.derived("taskEvent", String(sequence));
  }

  @FieldResolver(() => JsonScalar, { description: "Without the words of a fault for others than owner and operator." })
  async data(@Root() event: TaskEventRecord, @Ctx() context: ApiContext): Promise<JsonObject> {
    if (mayManage(context.principal, await taskOf(event, context))) return event.data;
    // They may hold an evaluator's log, or where a rival keeps its model.
    const { message: _message, ...data } = event.data;
    return data;
  }
}
