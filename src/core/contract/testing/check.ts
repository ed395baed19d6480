import assert from "node:assert/strict";

/** One thing that a kit checks, as a sentence; `run` throws when it does not hold. */
export interface Check {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/** A check that an author leaves out, and why. */
export interface Skip {
  readonly check: string;
  readonly reason: string;
}

export const check = (name: string, run: Check["run"]): Check => ({ name, run });

/** A check of the author's skips: each must name a check of the kit and say why it is left out. */
export function skipChecks(checks: readonly Check[], skips: readonly Skip[]): readonly Check[] {
  return skips.map(({ check: name, reason }) =>
    check(`gives a reason for skipping "${name}"`, () => {
      assert(
        checks.some((known) => known.name === name),
        `there is no check "${name}": correct or remove the skip`,
      );
      assert(reason.trim().length >= 10, `a skip needs a reason of at least a few words, found "${reason}"`);
    }),
  );
}

/** A check of the author's cases: names and contents must not repeat. */
export function distinctCases(cases: readonly { readonly name: string }[]): Check {
  return check("has test cases that differ", () => {
    const names = cases.map(({ name }) => name);
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    assert(repeated === undefined, `two cases are called "${repeated}"`);
    const contents = cases.map((content) => JSON.stringify({ ...content, name: null }));
    const copy = contents.findIndex((content, index) => contents.indexOf(content) !== index);
    assert(copy === -1, `the case "${names[copy]}" repeats "${names[contents.indexOf(contents[copy] ?? "")]}"`);
  });
}
