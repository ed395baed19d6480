import { sep } from "node:path";
import { PREFIX, type Config } from "./core/infra/config/index.ts";

type Places = Pick<Config, "host" | "port" | "database" | "dataFolder">;

/** SQLSTATEs of a server that knows neither this user with this password (28…) nor this database. */
const REFUSED = /^(28...|3D000)$/;
/** What a folder answers that can't be written. Node says ENOENT of one that it can't make on a read-only disk. */
const UNWRITABLE = /^(EROFS|EACCES|EPERM|ENOTDIR|EEXIST|ENOENT)$/;

/**
 * The line for an operator whose settings a start failed on: an address that can't be listened on, a data folder that can't
 * be written, a database that does not let us in or is a newer version's. Null where the error says nothing of the kind.
 */
export function startProblem(error: unknown, { host, port, database, dataFolder }: Places): string | null {
  if (!(error instanceof Error)) return null;
  const { code, syscall, path }: NodeJS.ErrnoException = error;
  if (syscall === "listen") {
    if (code === "EADDRINUSE")
      return `${PREFIX}PORT: expected a free port, found something that listens on ${host}:${port} already; stop it, or choose another (0 takes any free one)`;
    if (code === "EACCES")
      return `${PREFIX}PORT: expected a port that this user may listen on, found ${port}; choose one above 1023`;
    return `${PREFIX}HOST: expected an address of this machine, found ${host} (${code})`;
  }
  if (`${path}${sep}`.startsWith(`${dataFolder}${sep}`) && code !== undefined && UNWRITABLE.test(code))
    return `${PREFIX}DATA_FOLDER: expected a folder that this user may write on a disk that takes it, found ${dataFolder}: ${error.message}`;
  if (database.url !== null && code !== undefined && REFUSED.test(code))
    return `${PREFIX}DATABASE_URL: expected a user, a password and a database that ${URL.parse(database.url)?.host ?? "the server"} knows, found that it answers: ${error.message}`;
  // By its name: the class would pull the database in before it is known that there is a configuration.
  if (error.name === "NewerDatabaseError")
    return `${PREFIX}${database.url === null ? "DATA_FOLDER" : "DATABASE_URL"}: expected a database of this version or an older one, ${error.message}; start the newer version, or go back to the backup from before it`;
  return null;
}
