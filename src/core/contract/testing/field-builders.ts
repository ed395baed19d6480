import type { JudgedField, JudgedSubmission, RefusedSubmission, StaticFacts } from "../anti-gaming-rule.ts";
import type { Losses } from "../task-type.ts";

/** What a test says about a submission; the rest is that of an honest fine-tune. */
export interface SubmissionDraft {
  readonly id: string;
  readonly minerId?: string;
  readonly testLoss?: number;
  readonly synthLoss?: number | null;
  /** Other than {test: testLoss, synth: synthLoss}. */
  readonly components?: Readonly<Record<string, number>>;
  readonly rowLosses?: Losses["rowLosses"];
  readonly sealedAt?: number;
  readonly sequence?: number;
  readonly facts?: Partial<StaticFacts>;
}

const honest = { equalsBase: false, namedBase: null, wrongBase: false, wrongArchitecture: false };

/** Losses with a few rows that spread by ±0.01 around their mean. */
export function someLosses(draft: Omit<SubmissionDraft, "id">): Losses {
  const { testLoss = 1, synthLoss = testLoss } = draft;
  const around = (mean: number) => [mean - 0.01, mean + 0.01, mean - 0.01, mean + 0.01];
  return {
    testLoss,
    synthLoss,
    components: draft.components ?? { test: testLoss, ...(synthLoss === null ? {} : { synth: synthLoss }) },
    rowLosses: draft.rowLosses ?? { test: around(testLoss), synth: synthLoss === null ? null : around(synthLoss) },
    metrics: {},
  };
}

/** An EVALUATED submission; without a seal time it is sealed in the order of the field. */
function aSubmission(draft: SubmissionDraft, index: number): JudgedSubmission {
  const losses = someLosses(draft);
  return {
    id: draft.id,
    minerId: draft.minerId ?? `miner-of-${draft.id}`,
    firstSealedAt: draft.sealedAt ?? 1_000 + index,
    firstSealSequence: draft.sequence ?? index + 1,
    losses,
    weightedLoss: losses.synthLoss === null ? losses.testLoss : 0.7 * losses.testLoss + 0.3 * losses.synthLoss,
    facts: { ...honest, digest: `digest-of-${draft.id}`, ...draft.facts },
  };
}

/** A submission that could not be evaluated. */
function aRefusedSubmission({
  id,
  minerId,
  facts,
}: Pick<SubmissionDraft, "id" | "minerId" | "facts">): RefusedSubmission {
  return { id, minerId: minerId ?? `miner-of-${id}`, facts: { ...honest, digest: `digest-of-${id}`, ...facts } };
}

/** The field of one task for a rule's test. */
export function aField(draft: {
  readonly submissions: readonly SubmissionDraft[];
  readonly refused?: readonly Pick<SubmissionDraft, "id" | "minerId" | "facts">[];
  readonly base?: Omit<SubmissionDraft, "id"> | null;
  readonly tolerance?: number;
}): JudgedField {
  const base = draft.base ? someLosses(draft.base) : null;
  return {
    taskId: "task",
    tolerance: draft.tolerance ?? 1e-6,
    base: base && { losses: base, weightedLoss: base.testLoss },
    submissions: draft.submissions.map(aSubmission),
    refused: (draft.refused ?? []).map(aRefusedSubmission),
  };
}
