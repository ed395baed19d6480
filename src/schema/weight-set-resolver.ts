import { Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import type { WeightEntry, WeightSetRecord, WindowFindingRecord } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { minerOf } from "./existing.ts";
import { Miner } from "./miner.ts";
import { WeightSet, WeightSetEntry, WindowFinding } from "./weight-set.ts";

@Resolver(() => WeightSet)
export class WeightSetResolver {
  @FieldResolver(() => Int, { nullable: true, description: "Its row in the ledger, once it is published there." })
  async ledgerSequence(@Root() { id }: WeightSetRecord, @Ctx() { loaders }: ApiContext): Promise<number | null> {
    return (await loaders.ledgerEntry.load(id))?.sequence ?? null;
  }

  @FieldResolver(() => [WindowFinding], { description: "About miners over the days that it was made from." })
  findings(@Root() { id }: WeightSetRecord, @Ctx() { loaders }: ApiContext): Promise<readonly WindowFindingRecord[]> {
    return loaders.windowFindings.load(id);
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

@Resolver(() => WindowFinding)
export class WindowFindingResolver {
  @FieldResolver(() => Miner)
  miner(@Root() finding: WindowFindingRecord, @Ctx() context: ApiContext) {
    return minerOf(finding, context);
  }
}
