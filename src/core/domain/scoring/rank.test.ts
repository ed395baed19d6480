import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../findings.ts";
import { reasonedScores, scoreField, taskScores } from "./rank.ts";
import type { FieldEntry } from "./rank.ts";

function entry(id: string, loss: number, changes: Partial<FieldEntry> = {}): FieldEntry {
  return { id, loss, sealedAt: 0, valid: true, ...changes };
}

/** Entries e1, e2, … with losses 1, 2, …, so that the number is the rank. */
function fieldOf(count: number): FieldEntry[] {
  return Array.from({ length: count }, (_, index) => entry(`e${index + 1}`, index + 1));
}

function scoresOf(field: readonly FieldEntry[], options?: Parameters<typeof taskScores>[1]): number[] {
  return taskScores(field, options).map(({ score }) => score);
}

describe("taskScores", () => {
  it.each([
    [1, [3]],
    [2, [3, -1]],
    [3, [3, 0, -1]],
    [4, [3, 0, 0, -1]],
    [5, [3, 0, 0, -1, -1]],
    [8, [3, 0, 0, 0, 0, 0, -1, -1]],
    [9, [3, 0, 0, 0, 0, 0, -1, -1, -1]],
  ])("scores a field of %d as eq 11 does", (count, scores) => {
    expect(scoresOf(fieldOf(count))).toEqual(scores);
  });

  it("has nothing to say about an empty field", () => {
    expect(reasonedScores([])).toEqual([]);
  });

  it("answers in input order, with ranks and reasons", () => {
    expect(reasonedScores([entry("last", 9), entry("second", 2), entry("first", 1), entry("third", 3)])).toEqual([
      { id: "last", rank: 4, score: -1, reason: "BOTTOM_QUARTER" },
      { id: "second", rank: 2, score: 0, reason: "MIDFIELD" },
      { id: "first", rank: 1, score: 3, reason: "WINNER" },
      { id: "third", rank: 3, score: 0, reason: "MIDFIELD" },
    ]);
  });

  it("gives plain numbers where nobody asks for reasons", () => {
    expect(taskScores([entry("b", 2), entry("a", 1), entry("bad", Number.NaN)])).toEqual([
      { id: "b", rank: 2, score: -1 },
      { id: "a", rank: 1, score: 3 },
      { id: "bad", rank: null, score: -1 },
    ]);
  });

  it("breaks equal losses by the earlier seal, then by id", () => {
    const field = [
      entry("late", 1, { sealedAt: 20 }),
      entry("b", 1, { sealedAt: 10 }),
      entry("a", 1, { sealedAt: 10 }),
      entry("early", 1, { sealedAt: 5 }),
    ];
    expect(reasonedScores(field).map(({ rank }) => rank)).toEqual([4, 3, 2, 1]);
  });

  describe("the base", () => {
    it.each([
      [0.9, undefined, 3, "WINNER"],
      [1, undefined, 0, "WINNER_NOT_ABOVE_BASE"],
      [1.1, undefined, 0, "WINNER_NOT_ABOVE_BASE"],
      [0.9999999, 1e-6, 0, "WINNER_NOT_ABOVE_BASE"],
      [0.9999, 1e-6, 3, "WINNER"],
    ])("loss %d against 1 with tolerance %s scores %d", (loss, tolerance, score, reason) => {
      expect(reasonedScores([entry("only", loss)], { baseLoss: 1, tolerance })).toEqual([
        { id: "only", rank: 1, score, reason },
      ]);
    });

    it("doesn't spare the others when the first fails to beat it", () => {
      expect(scoresOf(fieldOf(4), { baseLoss: 0.5 })).toEqual([0, 0, 0, -1]);
    });

    it("may be negative, as losses of rewards are", () => {
      expect(scoresOf([entry("a", -0.4), entry("b", -0.6)], { baseLoss: -0.5 })).toEqual([-1, 3]);
    });
  });

  describe("what is not EVALUATED", () => {
    it.each([
      ["a loss that is NaN", { loss: Number.NaN }],
      ["an infinite loss", { loss: Number.POSITIVE_INFINITY }],
      ["a loss of minus infinity", { loss: Number.NEGATIVE_INFINITY }],
      ["an invalid entry", { valid: false }],
      ["an invalid entry without a seal", { valid: false, sealedAt: Number.NaN }],
    ])("%s costs 1 when somebody is ranked, and doesn't count towards n", (_, changes) => {
      const field = [...fieldOf(3), entry("bad", 0, changes)];
      expect(reasonedScores(field).at(-1)).toEqual({ id: "bad", rank: null, score: -1, reason: "INVALID" });
      expect(scoresOf(field).slice(0, 3)).toEqual([3, 0, -1]);
    });

    it("costs nothing when nobody is ranked", () => {
      const field = [entry("a", Number.NaN), entry("b", 1, { valid: false }), entry("c", 1, { verdict: "DISQUALIFY" })];
      expect(reasonedScores(field)).toEqual([
        { id: "a", rank: null, score: 0, reason: "INVALID" },
        { id: "b", rank: null, score: 0, reason: "INVALID" },
        { id: "c", rank: null, score: 0, reason: "DISQUALIFIED" },
      ]);
    });
  });

  describe("verdicts", () => {
    it("takes a disqualified entry out of the ranking and costs it 1", () => {
      const [cheat, ...rest] = fieldOf(4);
      const field = cheat === undefined ? [] : [{ ...cheat, verdict: "DISQUALIFY" as const }, ...rest];
      expect(reasonedScores(field)).toEqual([
        { id: "e1", rank: null, score: -1, reason: "DISQUALIFIED" },
        { id: "e2", rank: 1, score: 3, reason: "WINNER" },
        { id: "e3", rank: 2, score: 0, reason: "MIDFIELD" },
        { id: "e4", rank: 3, score: -1, reason: "BOTTOM_QUARTER" },
      ]);
    });

    it("takes the prize from a flagged first, and hands it to the next", () => {
      const field = fieldOf(4).map((one) => (one.id === "e1" ? { ...one, verdict: "FLAG" as const } : one));
      expect(reasonedScores(field)).toEqual([
        { id: "e1", rank: null, score: 0, reason: "FLAGGED" },
        { id: "e2", rank: 1, score: 3, reason: "WINNER" },
        { id: "e3", rank: 2, score: 0, reason: "MIDFIELD" },
        { id: "e4", rank: 3, score: -1, reason: "BOTTOM_QUARTER" },
      ]);
    });

    it("leaves a flagged last its penalty, counted in the field as if nobody were flagged", () => {
      const field = fieldOf(4).map((one) => (one.id === "e4" ? { ...one, verdict: "FLAG" as const } : one));
      expect(scoresOf(field)).toEqual([3, 0, -1, -1]);
    });

    it("scores several flagged ones in the same unflagged field, without the disqualified", () => {
      // Unflagged field: e2, e3, e4, e5 (e1 is out), so that only e5 is beyond 3 of 4.
      const verdicts: Record<string, Verdict> = { e1: "DISQUALIFY", e2: "FLAG", e4: "FLAG", e5: "FLAG" };
      const field = fieldOf(5).map((one) => ({ ...one, verdict: verdicts[one.id] }));
      expect(scoresOf(field)).toEqual([-1, 0, 3, 0, -1]);
    });

    it("keeps the penalty of a flagged one even where nobody is left to be ranked, and charges no fault then", () => {
      const flagged = fieldOf(2).map((one) => ({ ...one, verdict: "FLAG" as const }));
      const field = [...flagged, entry("bad", 0, { valid: false }), entry("cheat", 0, { verdict: "DISQUALIFY" })];
      expect(scoresOf(field)).toEqual([0, -1, 0, 0]);
    });
  });

  it.each([
    [[entry("a", 1)], { baseLoss: Number.NaN }],
    [[], { baseLoss: Number.POSITIVE_INFINITY }],
    [[entry("a", 1)], { baseLoss: 1, tolerance: -1 }],
    [[entry("a", 1, { sealedAt: Number.NaN })], {}],
  ])("refuses numbers that make no sense (%#)", (field, options) => {
    expect(() => reasonedScores(field, options)).toThrow(RangeError);
  });
});

describe("scoreField", () => {
  it("asks the rules who is penalised and whether the best loss wins", () => {
    const generous = scoreField(fieldOf(3), { isPenalised: () => false, earnsFirst: (loss) => loss < 1 });
    expect(generous.map(({ score }) => score)).toEqual([0, 0, 0]);
    const strict = scoreField(fieldOf(3), { isPenalised: () => true, earnsFirst: (loss) => loss <= 1 });
    expect(strict.map(({ score }) => score)).toEqual([3, -1, -1]);
  });
});

describe("taskScores, for any field", () => {
  const losses = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
  );
  const fields = fc.uniqueArray(
    fc.record({
      id: fc.string({ maxLength: 4 }),
      loss: losses,
      sealedAt: fc.integer({ min: 0, max: 3 }),
      valid: fc.boolean(),
      verdict: fc.constantFrom<Verdict | undefined>(undefined, undefined, "FLAG", "DISQUALIFY"),
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  );
  const options = fc.record({ baseLoss: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }) });

  function byId(field: readonly FieldEntry[], given: { baseLoss: number | undefined }): Record<string, unknown> {
    return Object.fromEntries(reasonedScores(field, given).map((score) => [score.id, score]));
  }

  it("gives everyone -1, 0 or 3, at most one 3, and ranks 1..n to the RANKED only", () => {
    fc.assert(
      fc.property(fields, options, (field, given) => {
        const scores = reasonedScores(field, given);
        expect(scores.every(({ score }) => [-1, 0, 3].includes(score))).toBe(true);
        expect(scores.filter(({ score }) => score === 3).length).toBeLessThanOrEqual(1);
        const ranks = scores.flatMap(({ rank }) => rank ?? []).toSorted((a, b) => a - b);
        const ranked = field.filter((one) => one.valid && Number.isFinite(one.loss) && one.verdict === undefined);
        expect(ranks).toEqual(ranked.map((_, index) => index + 1));
      }),
    );
  });

  it("doesn't depend on the order of the field", () => {
    fc.assert(
      fc.property(fields, options, (field, given) => {
        expect(byId(field.toReversed(), given)).toEqual(byId(field, given));
      }),
    );
  });

  it("never gives a flagged entry more than the same field without findings", () => {
    fc.assert(
      fc.property(fields, options, (field, given) => {
        const flagged = field.map((one) => ({ ...one, verdict: one.verdict && ("FLAG" as const) }));
        const clean = field.map((one) => ({ ...one, verdict: undefined }));
        const before = reasonedScores(clean, given);
        const raised = reasonedScores(flagged, given).filter(
          ({ score, reason }, index) => reason === "FLAGGED" && score > (before[index]?.score ?? Number.NaN),
        );
        expect(raised).toEqual([]);
      }),
    );
  });

  it("never raises a score by one finding more on an entry of a field without other flags", () => {
    fc.assert(
      fc.property(
        fields,
        options,
        fc.nat(),
        fc.constantFrom<Verdict>("FLAG", "DISQUALIFY"),
        (some, given, pick, verdict) => {
          fc.pre(some.length > 0);
          const target = pick % some.length;
          const field = some.map((one, index) => ({
            ...one,
            verdict: index !== target && one.verdict === "DISQUALIFY" ? one.verdict : undefined,
          }));
          const judged = field.map((one, index) => (index === target ? { ...one, verdict } : one));
          const before = reasonedScores(field, given)[target]?.score ?? Number.NaN;
          expect(reasonedScores(judged, given)[target]?.score).toBeLessThanOrEqual(before);
        },
      ),
    );
  });
});
