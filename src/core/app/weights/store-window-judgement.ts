import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { WeightSetRecord, WindowFindingRecord } from "../records.ts";
import { tellMiners } from "../tasks/miner-events.ts";
import type { WindowJudgement } from "./judge-window.ts";

interface JudgedSet {
  readonly set: WeightSetRecord;
  /** The task whose score made the weight set necessary. */
  readonly taskId: string;
  readonly judgement: WindowJudgement;
  /** Hotkeys of the miners whose results were left out. */
  readonly leftOut: ReadonlySet<string>;
  readonly hotkeyOf: (minerId: string) => string | undefined;
}

/** Stores what rules found for a weight set; a miner hears of a finding that the set before did not have. */
export async function storeWindowJudgement(app: App, tx: Tx, judged: JudgedSet): Promise<void> {
  const { set, taskId, judgement, leftOut, hotkeyOf } = judged;
  const createdAt = app.clock.now();
  const findings = judgement.findings.map(
    ({ minerId, submission, rule, verdict, code, evidence }, index): WindowFindingRecord => ({
      id: app.ids.derived("windowFinding", set.id, rule, submission, code, String(index)),
      weightSetId: set.id,
      minerId,
      submissionId: submission,
      rule,
      verdict,
      code,
      evidence,
      leftOut: leftOut.has(hotkeyOf(minerId) ?? ""),
      createdAt,
    }),
  );
  await tx.insertMany("windowFindings", findings);
  await tx.insertMany(
    "notices",
    judgement.notices.map(({ rule, message }) => ({ id: app.ids.random(), taskId, code: rule, message, createdAt })),
  );
  const known = new Set((await findingsBefore(tx, set)).map(keyOf));
  await tellMiners(
    app,
    tx,
    findings
      .filter((finding) => !known.has(keyOf(finding)))
      .map(({ id, minerId, code, rule }) => ({
        minerId,
        type: "Notice",
        taskId: null,
        cause: id,
        payload: { code, message: messageOf(app, rule) },
      })),
  );
}

const keyOf = ({ minerId, rule, code }: WindowFindingRecord) => `${minerId} ${rule} ${code}`;

async function findingsBefore(tx: Tx, { sequence }: WeightSetRecord): Promise<readonly WindowFindingRecord[]> {
  const before = { sequence: { lt: sequence } };
  const [previous] = await tx.find("weightSets", before, { orderBy: { sequence: "desc" }, limit: 1 });
  return previous === undefined ? [] : tx.find("windowFindings", { weightSetId: previous.id });
}

function messageOf(app: App, name: string): string {
  const description = app.rules.find(({ rule }) => rule.name === name)?.rule.description;
  return (
    `${name} has a finding about your results: ${description ?? ""} ` +
    `Weight sets leave results out as long as it stands; their findings say more.`
  );
}
