import { ok } from "../../domain/index.ts";
import type { AppResult } from "../errors.ts";
import type { Reader, Where } from "../ports.ts";
import type { Principal } from "../principal.ts";
import type { ScoreRecord, SubmissionRecord } from "../records.ts";
import { SCORE_LIST, SUBMISSION_LIST } from "./lists.ts";
import { readPage, type Page, type PageInput } from "./page.ts";

/**
 * Submissions over many tasks, newest first, as far as the viewer may see them: all to the operator and to a miner its
 * own; to others those that counted in tasks that are SCORED.
 */
export async function listSubmissions(
  reader: Reader,
  viewer: Principal,
  of: { readonly minerId?: string },
  input: PageInput,
): Promise<AppResult<Page<SubmissionRecord>>> {
  if (viewer.kind === "OPERATOR") return readPage(reader, SUBMISSION_LIST, of, input);
  if (viewer.kind === "MINER" && (of.minerId ?? viewer.minerId) === viewer.minerId) {
    return readPage(reader, SUBMISSION_LIST, { minerId: viewer.minerId }, input);
  }
  return listCounted(reader, { ...of, submissionId: { not: null } }, input);
}

/** Scores are written with the last transition only, so they lead to what is public. */
async function listCounted(
  reader: Reader,
  where: Where<ScoreRecord>,
  input: PageInput,
): Promise<AppResult<Page<SubmissionRecord>>> {
  const scores = await readPage(reader, SCORE_LIST, where, input);
  if (!scores.ok) return scores;
  const { nodes, pageInfo } = scores.value;
  const ids = nodes.flatMap(({ submissionId }) => submissionId ?? []);
  const taskIds = [...new Set(nodes.map(({ taskId }) => taskId))];
  const [submissions, tasks] = await Promise.all([
    ids.length === 0 ? [] : reader.find("submissions", { id: { in: ids } }),
    taskIds.length === 0 ? [] : reader.find("tasks", { id: { in: taskIds }, status: "SCORED" }),
  ]);
  const byId = new Map(submissions.map((submission) => [submission.id, submission]));
  const scored = new Set(tasks.map((task) => task.id));
  const edges = scores.value.edges.flatMap(({ cursor, node }) => {
    const submission = scored.has(node.taskId) && node.submissionId !== null ? byId.get(node.submissionId) : undefined;
    return submission === undefined ? [] : [{ cursor, node: submission }];
  });
  return ok({ edges, nodes: edges.map(({ node }) => node), pageInfo });
}
