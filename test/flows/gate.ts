import { Client } from "pg";
import { vi } from "vitest";

/** Where a server is held: right before it writes a row to this table that has so many already. */
export interface GatePlace {
  readonly table: string;
  readonly rows: number;
}

/** A place in the server's work at which it is held until the test lets it go on. */
export interface Gate extends AsyncDisposable {
  /** Resolves when somebody stands before the gate. */
  reached(): Promise<void>;
  /** Takes the gate away: whoever stands before it goes on. */
  open(): Promise<void>;
}

const LOCK = 7_201_950;

/**
 * Holds the server at a moment of the test's choice: a trigger on the table waits for a lock that the test has. What was
 * committed before is there, what the held transaction wrote is not: the state that a kill at this moment leaves.
 */
export async function closeGate(url: string, { table, rows }: GatePlace): Promise<Gate> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("select pg_advisory_lock($1)", [LOCK]);
  await client.query(`
    create function wait_at_the_gate() returns trigger language plpgsql as $$
    begin
      if (select count(*) from ${table}) >= ${rows} then perform pg_advisory_xact_lock_shared(${LOCK}); end if;
      return new;
    end $$`);
  await client.query(`create trigger gate before insert on ${table} for each row execute function wait_at_the_gate()`);
  let shut = true;
  const open = async (): Promise<void> => {
    if (!shut) return;
    shut = false;
    await client.query("select pg_advisory_unlock($1)", [LOCK]);
    await client.query("drop function wait_at_the_gate() cascade");
    await client.end();
  };
  return {
    open,
    [Symbol.asyncDispose]: open,
    async reached() {
      await vi.waitUntil(
        async () => {
          const { rowCount } = await client.query("select from pg_locks where locktype = 'advisory' and not granted");
          return rowCount !== null && rowCount > 0;
        },
        { timeout: 90_000, interval: 20 },
      );
    },
  };
}
