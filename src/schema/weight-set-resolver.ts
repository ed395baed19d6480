import { Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import type { WeightEntry, WeightSetRecord } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { minerOf } from "./existing.ts";
import { Miner } from "./miner.ts";
import { WeightSet, WeightSetEntry } from "./weight-set.ts";

@Resolver(() => WeightSet)
export class WeightSetResolver {
  @FieldResolver(() => Int, { nullable: true, description: "Its row in the ledger, once it is published there." })
  async ledgerSequence(@Root() { id }: WeightSetRecord, @Ctx() { loaders }: ApiContext): Promise<number | null> {
    return (await loaders.ledgerEntry.load(id))?.sequence ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: "The ledger's digest up to and with this set." })
  async chainDigest(@Root() { id }: WeightSetRecord, @Ctx() { loaders }: ApiContext): Promise<string | null> {
    return (await loaders.ledgerEntry.load(id))?.digest ?? null;
  }
}

@Resolver(() => WeightSetEntry)
export class WeightSetEntryResolver {
  @FieldResolver(() => Miner)
  miner(@Root() entry: WeightEntry, @Ctx() context: ApiContext) {
    return minerOf(entry, context);
  }
}
