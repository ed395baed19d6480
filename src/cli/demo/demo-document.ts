import { join } from "node:path";
import { resultRows, type DemoResult } from "./demo-result.ts";
import type { KeptData } from "./kept-data.ts";

const WEIGHTS_FILE = /\.safetensors$/;

/** The demo's result as the one JSON document that `--json` prints; absent numbers are null. */
export function demoDocument(result: DemoResult, extra: { readonly seconds: number; readonly kept: KeptData | null }) {
  const { task, weightSet } = result;
  const { seconds, kept } = extra;
  const { id, status, baseline } = task;
  return {
    task: { id, status },
    base: {
      testLoss: baseline?.testLoss ?? null,
      synthLoss: baseline?.synthLoss ?? null,
      weightedLoss: baseline?.weightedLoss ?? null,
    },
    submissions: resultRows(result).map(({ entry, competitor }) => {
      const weights = entry.submission?.files.find(({ path }) => WEIGHTS_FILE.test(path));
      const folder = kept === null ? null : competitor.workFolder;
      return {
        miner: entry.miner.name,
        strategy: entry.strategy,
        testLoss: entry.testLoss,
        synthLoss: entry.synthLoss,
        weightedLoss: entry.weightedLoss,
        improvement: entry.improvement,
        rank: entry.rank,
        taskScore: entry.taskScore,
        findings: entry.findings.map(({ code, verdict, evidence }) => ({ code, verdict, evidence })),
        artifact:
          weights === undefined
            ? null
            : { path: folder === null ? weights.path : join(folder, "model", weights.path), sha256: weights.sha256 },
      };
    }),
    weightSet: {
      digest: weightSet.digest,
      weights: weightSet.entries.map(({ miner, weight }) => ({ miner: miner.name, weight })),
    },
    seconds: Math.round(seconds * 10) / 10,
    ...(kept === null ? {} : { kept }),
  };
}
