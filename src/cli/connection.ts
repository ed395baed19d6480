import { Option, type Command } from "commander";
import { z } from "zod";
import { createClient, type GradientsClient } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";

/** A variable that is set to nothing is no key. */
const apiKey = z.string().transform((key) => (key === "" ? undefined : key));
const connectionOptions = z.object({ url: z.url(), apiKey: apiKey.optional() });

/** Adds the option that says where the server is. */
export function withServer(command: Command): Command {
  return command.addOption(
    new Option("--url <url>", "where the server is").env("GRADIENTS_URL").default("http://localhost:4000"),
  );
}

/** Adds the options that every command with an API call has. */
export function withConnection(command: Command): Command {
  return withServer(command)
    .addOption(new Option("--api-key <key>", "a customer's or operator's key").env("GRADIENTS_API_KEY"))
    .option("--json", "print JSON instead of text");
}

/** A client for the options that withConnection added. @throws CommandError for an address that is none */
export function clientOf(options: unknown): GradientsClient {
  const parsed = connectionOptions.safeParse(options);
  if (!parsed.success) throw new CommandError("--url must be an address such as http://localhost:4000.", EXIT.usage);
  return createClient(parsed.data);
}
