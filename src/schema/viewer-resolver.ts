import { Args, Ctx, FieldResolver, Query, Resolver } from "type-graphql";
import {
  type AccountRecord,
  API_KEY_LIST,
  hasScope,
  listDevices,
  type MinerRecord,
  NOTICE_LIST,
  readPage,
  slicePage,
} from "../core/app/index.ts";
import { Account, ApiKeyConnection, NoticeConnection, Viewer } from "./account.ts";
import { valueOf } from "./api-error.ts";
import { PageArgs } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { DeviceConnection } from "./device.ts";
import { Miner } from "./miner.ts";

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { description: "Who is asking." })
  viewer(@Ctx() { principal }: ApiContext): { readonly kind: string } {
    return { kind: principal.kind };
  }

  @FieldResolver(() => Account, { nullable: true })
  account(@Ctx() { principal, loaders }: ApiContext): Promise<AccountRecord | null> | null {
    return "accountId" in principal ? loaders.account.load(principal.accountId) : null;
  }

  @FieldResolver(() => Miner, { nullable: true, description: "Null until the hotkey registers." })
  miner(@Ctx() { principal, loaders }: ApiContext): Promise<MinerRecord | null> | null {
    return principal.kind === "MINER" ? loaders.miner.load(principal.minerId) : null;
  }

  @FieldResolver(() => ApiKeyConnection, {
    nullable: true,
    description: "Of the account, for keys with the scope keys:write; all of them for the operator.",
  })
  async apiKeys(@Args(() => PageArgs) args: PageArgs, @Ctx() { app, principal }: ApiContext) {
    if (!hasScope(principal, "keys:write")) return null;
    const own = principal.kind === "CUSTOMER" ? { accountId: principal.accountId } : {};
    return valueOf(await readPage(app.store, API_KEY_LIST, own, args));
  }

  @FieldResolver(() => NoticeConnection, { nullable: true, description: "For the operator." })
  async notices(@Args(() => PageArgs) args: PageArgs, @Ctx() { app, principal }: ApiContext) {
    return principal.kind === "OPERATOR" ? valueOf(await readPage(app.store, NOTICE_LIST, {}, args)) : null;
  }

  @FieldResolver(() => DeviceConnection, { nullable: true, description: "Of all workers. For the operator." })
  async devices(@Args(() => PageArgs) args: PageArgs, @Ctx() { app, principal }: ApiContext) {
    if (principal.kind !== "OPERATOR") return null;
    return valueOf(slicePage("devices", await listDevices(app), ({ uuid }) => uuid, args));
  }
}
