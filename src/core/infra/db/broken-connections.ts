import type { Pool, PoolClient } from "pg";

/**
 * Gives the places of connections that break while they are in use back to the pool. The transaction's owner does not: its
 * rollback fails on the dead connection, and after that nobody lets it go, so that every restart of the database would
 * cost the pool some places for good.
 */
export function giveBackBrokenConnections(pool: Pool): void {
  const inUse = new Set<PoolClient>();
  pool.on("acquire", (client) => inUse.add(client));
  pool.on("release", (_error, client) => inUse.delete(client));
  pool.on("connect", (client) => {
    client.once("end", () => {
      if (!inUse.has(client)) return;
      const giveBack = client.release.bind(client);
      // Whoever has it may still try to.
      client.release = () => undefined;
      giveBack(true);
    });
  });
}
