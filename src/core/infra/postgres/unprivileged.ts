import { spawnSync } from "node:child_process";

/** How a program is started so that PostgreSQL does not see root, which it refuses to run as. */
export interface Unprivileged {
  /** Command and arguments put before the program's own. */
  readonly prefix: readonly string[];
  /** Set where the program must be started as another user. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  /** Who must own the data folder; null: whoever we are. */
  readonly owner: number | null;
}

const NOBODY = 65_534;

/**
 * What PostgreSQL's programs get to see of our environment: no settings, no secrets. Windows can't start a program
 * without its own variables.
 */
export const CLEAN_ENVIRONMENT: { readonly env?: Readonly<Record<string, string>> } =
  process.platform === "win32"
    ? {}
    : { env: { LC_ALL: "C", PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" } };

/** Root is called nobody inside: the files stay root's, and every path stays reachable. */
const NAMESPACE = ["unshare", "--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`] as const;
/** Where namespaces are refused (many containers): nobody, who may still walk through root's folders. */
const SETPRIV = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "--inh-caps=+dac_override",
  "--ambient-caps=+dac_override",
] as const;

let known: Unprivileged | undefined;

/**
 * Ordinary users run PostgreSQL as they are. Root runs it in a user namespace, or with one capability left, or, where
 * neither can be had, plainly as user 65534, who must then be able to reach the program and the data folder.
 */
export function unprivileged(): Unprivileged {
  known ??= decide();
  return known;
}

function decide(): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], user: null, owner: null };
  if (works(NAMESPACE)) return { prefix: NAMESPACE, user: null, owner: 0 };
  if (works(SETPRIV)) return { prefix: SETPRIV, user: null, owner: NOBODY };
  return { prefix: [], user: { uid: NOBODY, gid: NOBODY }, owner: NOBODY };
}

const works = ([command, ...args]: typeof NAMESPACE | typeof SETPRIV): boolean =>
  spawnSync(command, [...args, "true"], { ...CLEAN_ENVIRONMENT, stdio: "ignore" }).status === 0;
