import type { Gate } from "../download/index.ts";

/**
 * A gate for the hosts that an operator names: `example.org` lets https to it and to all below it through, where they are
 * on the public internet; `http://127.0.0.1:9000` is trusted as it is.
 */
export function hostGate(entries: readonly string[]): Gate {
  const origins = new Set(entries.flatMap((entry) => (entry.includes("://") ? new URL(entry).origin : [])));
  const hosts = entries.filter((entry) => !entry.includes("://")).map((entry) => entry.toLowerCase());
  return (url) => {
    if (origins.has(url.origin)) return "trusted";
    const known = hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
    return known ? "public" : null;
  };
}
