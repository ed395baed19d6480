import { describeChecks } from "./describe-checks.ts";
import { synthesizerChecks, type MakeSynthesizer, type SynthesizerCases } from "./synthesizer-checks.ts";

/** Tests a synthesizer: see docs/plugins/kits.md. */
export function testSynthesizer(name: string, make: MakeSynthesizer, cases: SynthesizerCases): void {
  describeChecks(`synthesizer ${name}`, synthesizerChecks(make, cases), cases.skip);
}
