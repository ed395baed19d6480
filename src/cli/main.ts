import { CommanderError } from "commander";
import { z } from "zod";
import { EXIT } from "./exit-codes.ts";
import { inPackage } from "./package-root.ts";
import { createProgram } from "./program.ts";
import { readJson } from "./read-json.ts";
import { reportError } from "./report-error.ts";

/** Runs the command line. Sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads us, head for example, has had enough.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  try {
    const { version } = await readJson(inPackage("package.json"), z.object({ version: z.string() }));
    await createProgram(version).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else process.exitCode = reportError(error);
  }
}
