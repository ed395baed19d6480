import { z } from "zod";
import { definePlugin, defineWeightPublisher } from "../../core/contract/index.ts";

/** Appends the digest of each weight set to the server's hash-chained ledger. */
export const ledgerPublisher = defineWeightPublisher({
  name: "ledger",
  options: z.strictObject({}),
  create: (_options, host) => ({
    async publish(set, signal) {
      signal.throwIfAborted();
      const { sequence, chainDigest } = await host.ledger.append({ weightSetId: set.id, digest: set.digest });
      return { reference: `ledger:${sequence}:${chainDigest}` };
    },
  }),
});

export default definePlugin({ name: "ledger-publisher", version: "1.0.0", provides: [ledgerPublisher] });
