import assert from "node:assert/strict";
import type { LiveSynthesizer, RewriteOutcome, RewriteRequest } from "../synthesizer.ts";
import type { Row, Synthesis } from "../task-type.ts";
import { createRng } from "../../domain/index.ts";
import { check, distinctCases, type Check, type Skip } from "./check.ts";
import { deepFreeze } from "./purity.ts";
import { createTestHost, type TestHost } from "./test-host.ts";

export interface SynthesizerCases {
  /** Rows that must come back rewritten. */
  readonly rewritten: readonly { readonly name: string; readonly row: Row; readonly synthesis: Synthesis }[];
  /** Rows that must be refused with a reason. */
  readonly refused: readonly {
    readonly name: string;
    readonly row: Row;
    readonly synthesis: Synthesis;
    readonly reason: RegExp;
  }[];
  readonly skip?: readonly Skip[];
}

export type MakeSynthesizer = (host: TestHost) => LiveSynthesizer | Promise<LiveSynthesizer>;

/** All that the kit checks of a synthesizer; each check throws when it does not hold. */
export function synthesizerChecks(make: MakeSynthesizer, { rewritten, refused }: SynthesizerCases): readonly Check[] {
  const rewrite = async (
    request: Pick<RewriteRequest, "row" | "synthesis">,
    more: Partial<RewriteRequest> = {},
  ): Promise<RewriteOutcome> => {
    await using host = await createTestHost();
    const synthesizer = await make(host);
    const { row, synthesis } = deepFreeze({ row: request.row, synthesis: request.synthesis });
    const signal = new AbortController().signal;
    return await synthesizer.rewrite({ row, synthesis, variant: 0, attempt: 0, rng: seeded(1), signal, ...more });
  };
  return [
    check("names its method", async () => {
      await using host = await createTestHost();
      assert.match((await make(host)).method, /\S/);
    }),
    ...rewritten.map((example) =>
      check(`rewrites ${example.name}`, async () =>
        assertRewritten(await rewrite(example), example.row, example.synthesis),
      ),
    ),
    ...refused.map((example) =>
      check(`refuses ${example.name}`, async () => {
        const outcome = await rewrite(example);
        assert(outcome.status === "refused", "expected a refusal, the row was rewritten");
        assert.match(outcome.reason, example.reason);
      }),
    ),
    check("keeps its word for every variant and retry", async () => {
      for (const example of rewritten) {
        for (const variant of [1, 2])
          assertRewritten(await rewrite(example, { variant, rng: seeded(variant) }), example.row, example.synthesis);
        assertRewritten(await rewrite(example, { attempt: 1 }), example.row, example.synthesis);
      }
    }),
    check("writes the same with the same seed", async () => {
      for (const example of rewritten) assert.deepEqual(await rewrite(example), await rewrite(example));
    }),
    distinctCases([...rewritten, ...refused.map(({ name, row, synthesis }) => ({ name, row, synthesis }))]),
    check("has cases that say something", () => {
      assert(rewritten.length > 0, "there is no row that is rewritten");
      assert(refused.length > 0, "there is no row that is refused");
    }),
  ];
}

function assertRewritten(outcome: RewriteOutcome, original: Row, { rewrite, answers = {} }: Synthesis): void {
  assert(
    outcome.status === "rewritten",
    `expected a rewritten row, it was refused: ${outcome.status === "refused" ? outcome.reason : ""}`,
  );
  assert.deepEqual(Object.keys(outcome.row).toSorted(), Object.keys(original).toSorted(), "the row must keep its keys");
  const changed = Object.keys(original).filter((role) => outcome.row[role] !== original[role]);
  assert(changed.length > 0, "the row is the same as before");
  assert(
    changed.every((role) => rewrite.includes(role) || role in answers),
    `roles that must stay were changed: ${changed.join(", ")}`,
  );
  assert(
    changed.every((role) => (outcome.row[role] ?? "").trim() !== ""),
    "a text was emptied",
  );
}

/** A generator as the server lends it, from a small number. */
function seeded(seed: number): () => number {
  return createRng(new Uint8Array(32).fill(seed));
}
