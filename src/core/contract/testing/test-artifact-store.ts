import { artifactStoreChecks, type MakeStore } from "./artifact-store-checks.ts";
import type { Skip } from "./check.ts";
import { describeChecks } from "./describe-checks.ts";

/** Tests an artefact store: see docs/plugins/kits.md. */
export function testArtifactStore(
  name: string,
  make: MakeStore,
  { skip = [] }: { readonly skip?: readonly Skip[] } = {},
): void {
  describeChecks(`artefact store ${name}`, artifactStoreChecks(make), skip);
}
