import { afterAll, describe, expect, it } from "vitest";
import { withArena } from "./an-arena.ts";
import type { Attack } from "./attack.ts";
import { CUSTOMER_ATTACKS } from "./customer-attacks.ts";
import { FIELD_ATTACKS } from "./field-attacks.ts";
import { MODEL_ATTACKS } from "./model-attacks.ts";
import { NAME_ATTACKS } from "./name-attacks.ts";
import { SOURCE_ATTACKS } from "./source-attacks.ts";
import { TRANSFER_ATTACKS } from "./transfer-attacks.ts";

/**
 * What can be tried without being run: each is refused where it must be, with its code, at the cost of whoever tried it,
 * and nobody else's. What only a running evaluator can try is in test/containers/attacks, what reward functions can try in
 * test/sandbox.
 */
const arena = withArena();

const GROUPS: Readonly<Record<string, readonly Attack[]>> = {
  "in a manifest": NAME_ATTACKS,
  "in a transfer": TRANSFER_ATTACKS,
  "in a model": MODEL_ATTACKS,
  "from a source": SOURCE_ATTACKS,
  "on the field": FIELD_ATTACKS,
  "by a customer": CUSTOMER_ATTACKS,
};

describe.each(Object.entries(GROUPS))("%s", (_, attacks) => {
  it.each(attacks)("$name ends at $stage as $code", async (attack) => {
    const { stage, code, blamed } = attack;
    expect(await attack.run(arena)).toEqual({ stage, code, blamed });
    await arena.expectUnharmed();
  });
  afterAll(() => arena.expectOnlyValidOnesLeft());
});

it("the corpus tells its attacks apart by their names", () => {
  const names = Object.values(GROUPS).flatMap((attacks) => attacks.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
