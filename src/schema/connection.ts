import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import type { GraphqlClass } from "./derive-graphql.ts";

/** Relay's description of a page. */
@ObjectType("PageInfo", { simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: "Opaque: hand it back as `after`." })
  readonly endCursor!: string | null;
}

/** Arguments of every list; `first` is refused outside 1 … 100. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: "1 to 100." })
  readonly first!: number;

  @Field(() => String, { nullable: true, description: "The `endCursor` of the page before." })
  readonly after?: string;
}

/** Like PageArgs with longer pages. */
@ArgsType()
export class EventPageArgs {
  @Field(() => Int, { defaultValue: 50, description: "1 to 100." })
  readonly first!: number;

  @Field(() => String, { nullable: true, description: "The `endCursor` of the page before." })
  readonly after?: string;
}

/** Makes `<name>Connection` and `<name>Edge`; `nodes` saves a level where cursors are not needed. */
export function connectionOf(name: string, node: () => GraphqlClass | (abstract new () => object)): GraphqlClass {
  const nodeType = () => node() as GraphqlClass;

  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  class Edge {
    @Field(() => String)
    readonly cursor!: string;

    @Field(nodeType)
    readonly node!: object;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  class Connection {
    @Field(() => [Edge])
    readonly edges!: readonly Edge[];

    @Field(() => [nodeType()])
    readonly nodes!: readonly object[];

    @Field(() => PageInfo)
    readonly pageInfo!: PageInfo;
  }
  return Connection;
}
