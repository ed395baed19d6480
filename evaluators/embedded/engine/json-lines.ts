import { readFileSync } from "node:fs";
import type { z } from "zod";

/** The rows of a JSON-lines file, each parsed by the schema; the error names the first bad line. */
export function readJsonLines<Schema extends z.ZodType>(path: string, schema: Schema): readonly z.output<Schema>[] {
  const lines = readFileSync(path, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, index) => {
    try {
      return schema.parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`Line ${index + 1} is not a rendered row.`, { cause: error });
    }
  });
}
