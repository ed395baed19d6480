import { InvalidArgumentError, Option, type Command } from "commander";
import { z } from "zod";
import { createClient, type GradientsClient } from "../sdk/index.ts";

/** A variable that is set to nothing is no key. */
const apiKey = z.string().transform((key) => (key === "" ? undefined : key));
const connectionOptions = z.object({ url: z.string(), apiKey: apiKey.optional() });

/** Adds the option that says where the server is. */
export function withServer(command: Command): Command {
  return command.addOption(
    new Option("--url <url>", "where the server is")
      .env("GRADIENTS_URL")
      .argParser(serverAddress)
      .default("http://localhost:4000"),
  );
}

function serverAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("Expected an address such as http://localhost:4000.");
}

/** Adds the options that every command with an API call has. */
export function withConnection(command: Command): Command {
  return withServer(command)
    .addOption(new Option("--api-key <key>", "a customer's or operator's key").env("GRADIENTS_API_KEY"))
    .option("--json", "print JSON instead of text");
}

/** A client for the options that withConnection added. */
export const clientOf = (options: unknown): GradientsClient => createClient(connectionOptions.parse(options));
