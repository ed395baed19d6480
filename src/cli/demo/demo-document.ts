import { join } from "node:path";
import { resultRows, type DemoResult, type TaskResult } from "./demo-result.ts";

const WEIGHTS_FILE = /\.safetensors$/;

interface Extra {
  readonly seconds: number;
  /** By task. */
  readonly plots: readonly (readonly string[])[];
}

/**
 * The demo's result as the one JSON document that `--json` prints; absent numbers are null. With several tasks all that
 * belongs to one is in `tasks`.
 */
export function demoDocument({ tasks, weightSet }: DemoResult, extra: Extra): object {
  const weights = {
    digest: weightSet.digest,
    weights: weightSet.entries.map(({ miner, weight }) => ({ miner: miner.name, weight })),
  };
  const seconds = Math.round(extra.seconds * 10) / 10;
  const plotsOf = (index: number): readonly string[] => extra.plots[index] ?? [];
  const [only, ...others] = tasks;
  if (only !== undefined && others.length === 0) {
    const { kept, ...document } = taskDocument(only);
    return { ...document, weightSet: weights, seconds, ...(kept && { kept }), plots: plotsOf(0) };
  }
  const documents = tasks.map((task, index) => {
    const { kept, ...document } = taskDocument(task);
    return { kind: task.demo.kind, ...document, ...(kept && { kept }), plots: plotsOf(index) };
  });
  return { tasks: documents, weightSet: weights, seconds };
}

function taskDocument(result: TaskResult) {
  const { task, attachments, kept } = result;
  const { id, status, baseline } = task;
  return {
    task: { id, status },
    base: {
      testLoss: baseline?.testLoss ?? null,
      synthLoss: baseline?.synthLoss ?? null,
      weightedLoss: baseline?.weightedLoss ?? null,
    },
    submissions: resultRows(result).map(({ row, entry }) => {
      const weights = row.submission?.files.find(({ path }) => WEIGHTS_FILE.test(path));
      const folder = kept === null ? null : entry.workFolder;
      return {
        miner: row.miner.name,
        strategy: row.strategy,
        testLoss: row.testLoss,
        synthLoss: row.synthLoss,
        weightedLoss: row.weightedLoss,
        improvement: row.improvement,
        rank: row.rank,
        taskScore: row.taskScore,
        findings: row.findings.map(({ code, verdict, evidence }) => ({ code, verdict, evidence })),
        artifact:
          weights === undefined
            ? null
            : { path: folder === null ? weights.path : join(folder, "model", weights.path), sha256: weights.sha256 },
      };
    }),
    ...(attachments.length === 0 ? {} : { attachments }),
    kept,
  };
}
