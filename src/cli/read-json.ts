import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";

/** Reads a file that the user named. @throws CommandError where it can't be read */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CommandError(
      `${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      EXIT.noInput,
      { cause },
    );
  }
}

/** Reads and checks a JSON file that the user named. @throws CommandError with every problem */
export async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const text = (await readBytes(path)).toString("utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${path} is not JSON: ${String(cause)}`, EXIT.noInput, { cause });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new CommandError(`${path} is not as expected:\n${problems.join("\n")}`, EXIT.noInput);
}
