import { PREFIX, type Config } from "./core/infra/config/index.ts";

type Places = Pick<Config, "host" | "port" | "database">;

/** SQLSTATEs of a server that knows neither this user with this password (28…) nor this database. */
const REFUSED = /^(28...|3D000)$/;

/**
 * The line for an operator whose settings a start failed on: an address that can't be listened on, a database that does not
 * let us in. Null where the error says nothing of the kind.
 */
export function startProblem(error: unknown, { host, port, database }: Places): string | null {
  if (!(error instanceof Error)) return null;
  const { code, syscall }: NodeJS.ErrnoException = error;
  if (syscall === "listen") {
    if (code === "EADDRINUSE")
      return `${PREFIX}PORT: expected a free port, found something that listens on ${host}:${port} already; stop it, or choose another (0 takes any free one)`;
    if (code === "EACCES")
      return `${PREFIX}PORT: expected a port that this user may listen on, found ${port}; choose one above 1023`;
    return `${PREFIX}HOST: expected an address of this machine, found ${host} (${code})`;
  }
  if (database.url !== null && code !== undefined && REFUSED.test(code))
    return `${PREFIX}DATABASE_URL: expected a user, a password and a database that ${URL.parse(database.url)?.host ?? "the server"} knows, found that it answers: ${error.message}`;
  return null;
}
