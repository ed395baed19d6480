import {
  adjustedScore,
  foldFindings,
  scoringPolicy,
  type ScoringPolicy,
  type ReasonedScore,
} from "../../domain/index.ts";
import type { App } from "../app.ts";
import { ringHooks } from "../hooks.ts";
import type { Tx } from "../ports.ts";
import type { EvaluationRecord, FindingRecord, ScoreRecord, TaskRecord } from "../records.ts";
import { failTransition } from "../tasks/fail-transition.ts";
import { tellMiners } from "../tasks/miner-events.ts";
import { lockTask, transition } from "../tasks/transition.ts";
import type { FieldJudgement } from "./ask-rule.ts";
import { entriesOf, type Entry } from "./counting-submissions.ts";
import { explainScore } from "./explain-score.ts";
import { judgeField } from "./judge-field.ts";

const SECONDS_PER_HOUR = 3600;
const PARAMETERS_PER_BILLION = 1e9;

/** Everything that scoring knows of one task. */
interface Field {
  readonly entries: readonly Entry[];
  /** Final evaluations by submission id; null is the base. */
  readonly evaluations: ReadonlyMap<string | null, EvaluationRecord>;
}

/**
 * Judges the field and writes findings, scores and the last transition in one transaction: SCORED, or
 * FAILED(NO_VALID_SUBMISSION) where nobody is RANKED. A task is scored once: the transition compares and sets.
 */
export async function scoreTask(app: App, taskId: string): Promise<void> {
  await app.store.transaction(async (tx) => {
    const task = await lockTask(tx, taskId);
    if (task?.status !== "EVALUATING") return;
    const field = await fieldOf(tx, taskId);
    const judgement = await judgeField(app, tx, task, field);
    await storeJudgement(app, tx, task, judgement);

    const policy = scoringPolicy(app.settings.scoring.policy);
    if (policy === undefined) throw new Error(`there is no scoring policy ${app.settings.scoring.policy}`);
    const taskWeight = weightOf(app, policy, task);
    const judged = rank(app, policy, task, field, judgement);
    const somebodyIsRanked = judged.some(({ rank: position }) => position !== null);
    // Of a task that fails nobody is charged, flagged or not.
    const scores = somebodyIsRanked ? judged : judged.map((score) => ({ ...score, score: 0 }));
    const records = scores.map((score) => scoreRecord(app, task, taskWeight, score, field, judgement));
    await tx.insertMany("scores", records);
    await announce(app, tx, task, records, field, scores);
    if (somebodyIsRanked) {
      const patch = { scoredAt: app.clock.now(), taskWeight, dueAt: null, blocked: null };
      await transition(app, tx, task, "evaluated", { actor: "scheduler", data: { taskWeight }, patch });
      await tx.ring("wake", "publishWeights", { taskId });
      await ringHooks(app, tx, "taskScored", { taskId });
    } else {
      const reasons = records
        .map(({ explanation }) => explanation)
        .join("; ")
        .slice(0, 1000);
      const message = `no submission of ${records.length} could be ranked: ${reasons || "nobody took part"}`;
      await failTransition(app, tx, task, { code: "NO_VALID_SUBMISSION", message, actor: "scheduler" });
    }
  });
}

async function fieldOf(tx: Tx, taskId: string): Promise<Field> {
  const evaluations = await tx.find("evaluations", { taskId, status: { in: ["COMPLETED", "INVALID"] } });
  return {
    entries: await entriesOf(tx, taskId),
    evaluations: new Map(evaluations.map((evaluation) => [evaluation.submissionId, evaluation])),
  };
}

async function storeJudgement(
  app: App,
  tx: Tx,
  task: TaskRecord,
  { findings, notices }: FieldJudgement,
): Promise<void> {
  const createdAt = app.clock.now();
  await tx.insertMany(
    "findings",
    findings.map((finding, index): FindingRecord => ({
      // A rule may find the same about a submission several times.
      id: app.ids.derived("finding", task.id, finding.rule, finding.submission, finding.code, String(index)),
      taskId: task.id,
      submissionId: finding.submission,
      rule: finding.rule,
      verdict: finding.verdict,
      code: finding.code,
      evidence: finding.evidence,
      createdAt,
    })),
  );
  const rows = notices.map(({ rule, message }) => ({
    id: app.ids.random(),
    taskId: task.id,
    code: rule,
    message,
    createdAt,
  }));
  await tx.insertMany("notices", rows);
}

function weightOf(app: App, policy: ScoringPolicy, task: TaskRecord): number {
  const billions = task.parameterCount / PARAMETERS_PER_BILLION;
  const capped = Math.min(billions, app.settings.scoring.maxBillions ?? billions);
  return policy.taskWeight(capped, task.grantedBudgetSeconds / SECONDS_PER_HOUR);
}

/** Eq 11 over the field, by miner. */
function rank(
  app: App,
  policy: ScoringPolicy,
  task: TaskRecord,
  field: Field,
  { findings }: FieldJudgement,
): readonly ReasonedScore[] {
  const verdicts = foldFindings(findings);
  const base = field.evaluations.get(null)?.weightedLoss;
  const entries = field.entries.map(({ assignment, submission }) => {
    const evaluation = submission === null ? undefined : field.evaluations.get(submission.id);
    return {
      id: assignment.minerId,
      loss: evaluation?.weightedLoss ?? Number.NaN,
      sealedAt: submission?.sealSequence ?? Number.MAX_SAFE_INTEGER,
      valid: evaluation?.status === "COMPLETED",
      verdict: submission === null ? undefined : verdicts.get(submission.id),
    };
  });
  return policy.reasonedScores(entries, {
    baseLoss: base ?? undefined,
    tolerance: app.registry.taskType(task.kind)?.tolerance,
  });
}

function scoreRecord(
  app: App,
  task: TaskRecord,
  taskWeight: number,
  score: ReasonedScore,
  field: Field,
  judgement: FieldJudgement,
): ScoreRecord {
  const entry = field.entries.find(({ assignment }) => assignment.minerId === score.id);
  if (entry === undefined) throw new Error(`the score of ${score.id} belongs to no assignment of task ${task.id}`);
  const submissionId = entry.submission?.id ?? null;
  const evaluation = submissionId === null ? undefined : field.evaluations.get(submissionId);
  const findings = judgement.findings.filter(({ submission }) => submission === submissionId);
  return {
    taskId: task.id,
    minerId: score.id,
    submissionId,
    rank: score.rank,
    taskScore: score.score,
    taskWeight,
    adjustedScore: adjustedScore(score.score, taskWeight),
    reason: score.reason,
    explanation: explainScore({ score, entry, evaluation, findings }),
    scoredAt: app.clock.now(),
  };
}

async function announce(
  app: App,
  tx: Tx,
  task: TaskRecord,
  records: readonly ScoreRecord[],
  field: Field,
  scores: readonly ReasonedScore[],
): Promise<void> {
  const lossesOf = (submissionId: string | null) =>
    submissionId === null ? undefined : field.evaluations.get(submissionId);
  const winner = scores.find(({ rank: position }) => position === 1)?.id;
  const winning = lossesOf(records.find(({ minerId }) => minerId === winner)?.submissionId ?? null);
  await tellMiners(
    app,
    tx,
    records.map((record) => {
      const own = lossesOf(record.submissionId);
      return {
        minerId: record.minerId,
        type: "TaskScored",
        taskId: task.id,
        cause: task.id,
        payload: {
          taskId: task.id,
          rank: record.rank,
          score: record.taskScore,
          testLoss: own?.losses?.testLoss ?? null,
          synthLoss: own?.losses?.synthLoss ?? null,
          weightedLoss: own?.weightedLoss ?? null,
          winningLoss: winning?.weightedLoss ?? null,
          reason: record.reason,
          explanation: record.explanation,
        },
      };
    }),
  );
}
