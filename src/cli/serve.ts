import type { Command } from "commander";

const CONFIGURATION = `
All settings are environment variables that begin with GRADIENTS_; .env.example lists them with their defaults.
With no settings at all it makes an embedded PostgreSQL in .data/ and listens on http://127.0.0.1:4000.`;

/** `gradients serve` and `gradients worker`: the two kinds of server processes. */
export function addServeCommands(program: Command): void {
  program
    .command("serve")
    .description("serve the API and do the work behind it")
    .addHelpText("after", `${CONFIGURATION}\n\nExample:\n  GRADIENTS_PORT=8080 gradients serve`)
    .action(async () => {
      await import("../server.ts");
    });
  program
    .command("worker")
    .description("do the work behind an API that another process serves, over the same database")
    .addHelpText("after", "\nExample:\n  GRADIENTS_DATABASE_URL=postgres://… gradients worker")
    .action(async () => {
      await import("../worker.ts");
    });
}
