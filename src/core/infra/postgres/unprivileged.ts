import { spawnSync } from "node:child_process";

/** How a program is started so that PostgreSQL does not see root, which it refuses to run as. */
export interface Unprivileged {
  /** Command and arguments put before the program's own. */
  readonly prefix: readonly string[];
  /** Set where another user must own the files. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

const NOBODY = 65_534;
const NAMESPACE = ["unshare", "--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`] as const;

let known: Unprivileged | undefined;

/**
 * Ordinary users run PostgreSQL as they are. Root runs it in a user namespace where it is called nobody, so that the
 * files stay root's; where namespaces are refused (many containers), as user 65534, who must then own the data folder.
 */
export function unprivileged(): Unprivileged {
  known ??= decide();
  return known;
}

function decide(): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], user: null };
  const [command, ...args] = NAMESPACE;
  const works = spawnSync(command, [...args, "true"], { stdio: "ignore" }).status === 0;
  return works ? { prefix: NAMESPACE, user: null } : { prefix: [], user: { uid: NOBODY, gid: NOBODY } };
}
