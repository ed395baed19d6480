import { z } from "zod";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { AssignmentRecord } from "../records.ts";
import { leaveTask } from "./leave-task.ts";

const schema = z.object({ assignmentId: id });

/** The miner does not want to go on with an assignment. */
export async function withdraw(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<AssignmentRecord>> {
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  return leaveTask(app, principal, {
    ...parsed.value,
    status: "WITHDRAWN",
    event: "minerWithdrew",
    failureMessage: null,
  });
}
