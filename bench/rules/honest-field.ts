import type { JudgedField, JudgedSubmission, Losses } from "../../src/core/contract/index.ts";
import { createRng, mean } from "../../src/core/domain/index.ts";

/** How honest miners' losses are spread in a simulated field. */
export interface HonestWorld {
  readonly miners: number;
  readonly testRows: number;
  readonly synthRows: number;
  /** Standard deviation of ln(loss) between miners: how much their models differ. */
  readonly skillSpread: number;
  /** Mean factor by which a rewritten row is harder than its original, for everybody. */
  readonly rewriteShift: number;
}

/**
 * A field in which nobody cheats. Rows differ in difficulty (log-normal around 2 nats), everybody meets the same rows, each
 * miner has a skill of its own, every row of every miner some noise of its own; rewrites are as hard as their originals
 * times a factor per row. So gaps are chance and data, never memory.
 */
export function honestField(world: HonestWorld, seed: number): JudgedField {
  const rng = createRng(Uint8Array.from({ length: 16 }, (_, index) => (seed >>> (8 * (index % 4))) ^ (index * 37 + 1)));
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
  const test = Array.from({ length: world.testRows }, () => Math.exp(0.7 + 0.6 * normal()));
  const synth = Array.from(
    { length: world.synthRows },
    (_, row) => (test[row % test.length] ?? 0) * world.rewriteShift * Math.exp(0.3 * normal()),
  );
  const lossesAt = (factor: number): Losses => {
    const measure = (rows: readonly number[]) =>
      rows.map((difficulty) => Math.max(1e-3, difficulty * factor * (1 + 0.15 * normal())));
    const rowLosses = { test: measure(test), synth: measure(synth) };
    const [testLoss, synthLoss] = [mean(rowLosses.test), mean(rowLosses.synth)];
    return { testLoss, synthLoss, components: { test: testLoss, synth: synthLoss }, rowLosses, metrics: {} };
  };
  const submissions = Array.from({ length: world.miners }, (_, index): JudgedSubmission => {
    const losses = lossesAt(Math.exp(world.skillSpread * normal()));
    const facts = {
      digest: `${index}`,
      equalsBase: false,
      namedBase: null,
      wrongBase: false,
      wrongArchitecture: false,
    };
    return {
      id: `s${index}`,
      minerId: `m${index}`,
      firstSealedAt: index,
      firstSealSequence: index,
      losses,
      weightedLoss: losses.testLoss,
      facts,
    };
  });
  const base = lossesAt(2);
  return {
    taskId: "task",
    tolerance: 1e-6,
    base: { losses: base, weightedLoss: base.testLoss },
    submissions,
    refused: [],
  };
}

export interface FalsePositives {
  /** Share of honest submissions that got a finding. */
  readonly submissions: number;
  /** Share of honest fields with at least one finding. */
  readonly fields: number;
}

/** Rates over `fields` simulated fields, the same on every run. */
export function falsePositives(
  judge: (field: JudgedField) => number,
  world: HonestWorld,
  fields: number,
): FalsePositives {
  let found = 0;
  let hit = 0;
  for (let seed = 1; seed <= fields; seed += 1) {
    const count = judge(honestField(world, seed));
    found += count;
    if (count > 0) hit += 1;
  }
  return { submissions: found / (fields * world.miners), fields: hit / fields };
}
