import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { Command } from "commander";
import { buildClientSchema, getIntrospectionQuery, parse, printSchema, type IntrospectionQuery } from "graphql";
import { clientOf, withConnection } from "./connection.ts";
import { printJson, printLines } from "./output.ts";

/** `gradients schema`: the SDL of a running server, its plugins' types included. */
export function addSchemaCommand(program: Command): void {
  withConnection(program.command("schema"))
    .description("the GraphQL schema of a server (SDL; introspection with --json)")
    .addHelpText("after", "\nExample:\n  gradients schema > schema.graphql")
    .action(async (options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      const document: TypedDocumentNode<IntrospectionQuery, Record<string, never>> = parse(getIntrospectionQuery());
      const introspection = await client.request(document, {});
      if (options.json === true) printJson(introspection);
      else printLines(printSchema(buildClientSchema(introspection)));
    });
}
