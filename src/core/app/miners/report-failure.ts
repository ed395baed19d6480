import { z } from "zod";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { AssignmentRecord } from "../records.ts";
import { leaveTask } from "./leave-task.ts";

const schema = z.object({ assignmentId: id, message: z.string().trim().max(2000, "expected at most 2000 characters") });

/** The miner can't go on with an assignment, and says why. */
export async function reportFailure(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<AssignmentRecord>> {
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { assignmentId, message } = parsed.value;
  return leaveTask(app, principal, { assignmentId, status: "FAILED", event: "minerFailed", failureMessage: message });
}
