import { err, ok, type Result } from "./result.ts";

const DEEPEST = 64;
/** A text of some megabytes can ask for gigabytes of values; the largest tokenizers have about two million. */
const MOST_VALUES = 6_000_000;
/** Python refuses whole numbers of more than 4300. */
const MOST_DIGITS = 1000;

/**
 * Parses UTF-8 JSON that says everything once: no key twice in one object, no deep nesting, no more values than a
 * tokenizer has, no number that other parsers refuse. The error is a sentence.
 */
export function parseStrictJson(json: string | Uint8Array): Result<unknown, string> {
  let text: string;
  let value: unknown;
  try {
    text = typeof json === "string" ? json : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
    if (mostValues(text) > MOST_VALUES) return err(`it has more than ${MOST_VALUES} values`);
    value = JSON.parse(text);
  } catch (error) {
    return err(error instanceof SyntaxError ? "it is not valid JSON" : "it is not valid UTF-8");
  }
  const problem = scan(text);
  return problem === null ? ok(value) : err(problem);
}

/** An upper bound, before anything is parsed: each value but the first has one of these in front of it. */
function mostValues(text: string): number {
  let count = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x5b || code === 0x7b) count += 1;
  }
  return count;
}

/** Walks over text that JSON.parse accepted: JSON.parse itself hides a repeated key by keeping the last one. */
function scan(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === "{" || char === "[") {
      if (open.push(char === "{" ? new Set() : null) > DEEPEST) return `it nests deeper than ${DEEPEST} levels`;
    } else if (char === "}" || char === "]") {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = String(JSON.parse(text.slice(at, end)));
        if (keys.has(key)) return `it has the key ${JSON.stringify(key.slice(0, 100))} twice`;
        keys.add(key);
      }
      at = end - 1;
    } else if (isDigit(text, at)) {
      const start = at;
      while (isDigit(text, at + 1)) at += 1;
      if (at - start >= MOST_DIGITS) return `it has a number of more than ${MOST_DIGITS} digits`;
    }
    at += 1;
  }
  return null;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function isKey(text: string, from: number): boolean {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return text[at] === ":";
}
