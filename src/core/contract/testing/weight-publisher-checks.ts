import assert from "node:assert/strict";
import type { LiveWeightPublisher, PublishableWeightSet } from "../weight-publisher.ts";
import { check, type Check } from "./check.ts";
import { createTestHost, type TestHost } from "./test-host.ts";

/** Makes the publisher under test with a host whose folders and ledger are empty. */
export type MakePublisher = (host: TestHost) => LiveWeightPublisher;

const weightSet = (sequence: number, changes: Partial<PublishableWeightSet> = {}): PublishableWeightSet => ({
  id: `00000000-0000-8000-8000-00000000000${sequence}`,
  sequence,
  digest: String(sequence).repeat(64),
  empty: false,
  weights: [
    { hotkey: "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty", integer: 600_000_000 },
    { hotkey: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", integer: 400_000_000 },
  ],
  ...changes,
});

const { signal } = new AbortController();

/** All that the kit checks of a weight publisher; each check throws when it does not hold. */
export function weightPublisherChecks(make: MakePublisher): readonly Check[] {
  const publisherCheck = (name: string, run: (publisher: LiveWeightPublisher, host: TestHost) => Promise<void>) =>
    check(name, async () => {
      await using host = await createTestHost();
      await run(make(host), host);
    });
  return [
    publisherCheck("publishes sets under references of their own", async (publisher) => {
      const first = await publisher.publish(weightSet(1), signal);
      const second = await publisher.publish(weightSet(2), signal);
      for (const { reference } of [first, second]) {
        assert(typeof reference === "string" && reference !== "", "a reference must be a text that is not empty");
      }
      assert.notEqual(first.reference, second.reference, "two sets have the same reference");
    }),
    publisherCheck("publishes a set without weights", async (publisher) => {
      const { reference } = await publisher.publish(weightSet(1, { empty: true, weights: [] }), signal);
      assert.notEqual(reference, "");
    }),
    publisherCheck("publishes a set once, also after a restart", async (publisher, host) => {
      const first = await publisher.publish(weightSet(1), signal);
      await publisher.publish(weightSet(2), signal);
      assert.deepEqual(await publisher.publish(weightSet(1), signal), first, "publishing again must change nothing");
      assert.deepEqual(await make(host).publish(weightSet(1), signal), first, "a restart must change nothing");
    }),
    publisherCheck("publishes nothing once it is called off", async (publisher) => {
      await assert.rejects(publisher.publish(weightSet(1), AbortSignal.abort()));
    }),
  ];
}
