import type { Skip } from "./check.ts";
import { describeChecks } from "./describe-checks.ts";
import { weightPublisherChecks, type MakePublisher } from "./weight-publisher-checks.ts";

/** Tests a weight publisher: see docs/plugins/kits.md. */
export function testWeightPublisher(
  name: string,
  make: MakePublisher,
  { skip = [] }: { readonly skip?: readonly Skip[] } = {},
): void {
  describeChecks(`weight publisher ${name}`, weightPublisherChecks(make), skip);
}
