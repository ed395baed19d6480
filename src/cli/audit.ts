import type { Command } from "commander";
import { createHash } from "node:crypto";
import { z } from "zod";
import { leaveOut, scoringPolicy, TASK_ORIGINS, TEMPORAL, weightSetText, type Verdict } from "../core/domain/index.ts";
import { WeightSetDocument } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { clientOf, withConnection } from "./connection.ts";
import { EXIT } from "./exit-codes.ts";
import { printJson, printLines } from "./output.ts";
import { latestWeightSet } from "./weights.ts";

/** What a weight set was made from, as it was published. */
const publishedInputs = z.array(
  z.strictObject({
    id: z.string(),
    taskId: z.string(),
    taskType: z.string(),
    origin: z.enum(TASK_ORIGINS),
    taskScore: z.number(),
    taskWeight: z.number(),
    window: z.literal(TEMPORAL.windows.map(({ days }) => days)).nullable(),
    leftOut: z.literal(true).optional(),
  }),
);

interface Published {
  readonly policy: string;
  readonly digest: string;
  readonly inputs: unknown;
  readonly findings: readonly { readonly verdict: Verdict; readonly miner: { readonly hotkey: string } }[];
  readonly entries: readonly { readonly hotkey: string; readonly integer: number }[];
}

/**
 * What an audit found: the digest that scores and findings amount to, the hotkeys whose weight is another one, how many
 * results the findings leave out, and whether those are the ones that are marked.
 */
export interface AuditResult {
  readonly digest: string;
  readonly digestMatches: boolean;
  readonly wrongWeights: readonly string[];
  readonly leftOut: number;
  readonly marksMatch: boolean;
}

/**
 * Computes a weight set again from its published scores and findings: what is left out and what the rest amounts to.
 *
 * @throws CommandError for an unknown scoring policy
 */
export function auditWeightSet(set: Published): AuditResult {
  const inputs = publishedInputs.parse(set.inputs);
  const policy = scoringPolicy(set.policy);
  if (policy === undefined) throw new CommandError(`This version does not know the scoring policy "${set.policy}".`);
  const scores = inputs.map(({ leftOut: _published, ...score }) => score);
  const verdicts = set.findings.map(({ verdict, miner }) => ({ id: miner.hotkey, verdict }));
  const { results, set: computed } = leaveOut(scores, verdicts, { policy });
  const digest = createHash("sha256").update(weightSetText(results, computed)).digest("hex");
  const published = new Map(set.entries.map(({ hotkey, integer }) => [hotkey, integer]));
  const hotkeys = new Set([...published.keys(), ...Object.keys(computed.integerWeights)]);
  const wrongWeights = [...hotkeys]
    .filter((hotkey) => (published.get(hotkey) ?? 0) !== (computed.integerWeights[hotkey] ?? 0))
    .sort();
  const leftOut = results.filter((result) => result.leftOut === true).length;
  const marksMatch = results.every((result, index) => result.leftOut === inputs[index]?.leftOut);
  return { digest, digestMatches: digest === set.digest, wrongWeights, leftOut, marksMatch };
}

const HELP = `
Exit code 1 means that the published weights do not follow from the published scores.

Example:
  gradients audit --url http://localhost:4000`;

/** `gradients audit`: does a weight set follow from what it says it was made from? */
export function addAuditCommand(program: Command): void {
  withConnection(program.command("audit [id]"))
    .description("recompute a weight set (the latest by default) from its published inputs")
    .addHelpText("after", HELP)
    .action(async (id: string | undefined, options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      const chosen = id ?? (await latestWeightSet(client)).id;
      const { weightSet } = await client.request(WeightSetDocument, { id: chosen });
      if (weightSet === null) throw new CommandError(`There is no weight set ${chosen}.`);
      const result = auditWeightSet(weightSet);
      const holds = result.digestMatches && result.marksMatch && result.wrongWeights.length === 0;
      if (options.json === true) printJson({ weightSetId: chosen, published: weightSet.digest, ...result, holds });
      else if (holds)
        printLines(
          `Weight set ${weightSet.sequence} holds: recomputed digest ${result.digest}.`,
          ...(result.leftOut > 0 ? [`Left out because of its findings: ${result.leftOut} results.`] : []),
        );
      else
        printLines(
          `Weight set ${weightSet.sequence} does NOT hold.`,
          `published  ${weightSet.digest}`,
          `recomputed ${result.digest}`,
        );
      if (!holds) process.exitCode = EXIT.failed;
    });
}
