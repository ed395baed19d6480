import { destination, pino } from "pino";
import type { Log } from "../app/ports.ts";

const SECRET_FIELDS = [
  "secret",
  "password",
  "token",
  "apiKey",
  "authorization",
  "signature",
  "nonce",
  "connectionString",
];

/** What a log line must never show: these fields, at the top and two levels below. */
const REDACTED = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** A password inside of a connection string. */
const URL_PASSWORD = /(\w+:\/\/[^\s:@/]*:)[^\s@/]+@/g;

/** One JSON line an entry on stderr: stdout is for what a command answers. */
export function createLog(level: string, write?: (line: string) => void): Log {
  const target = write ? { write } : destination({ fd: 2, sync: true });
  const logger = pino(
    { level, base: { pid: process.pid }, redact: { paths: REDACTED, censor: "[redacted]" } },
    {
      write: (line: string) => void target.write(line.replaceAll(URL_PASSWORD, "$1[redacted]@")),
    },
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
