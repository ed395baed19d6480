import type { Json } from "../contract/index.ts";
import { canonicalJson } from "../domain/index.ts";
import type { App } from "./app.ts";
import { fail, type AppError, type AppResult } from "./errors.ts";
import type { Tx } from "./ports.ts";
import { principalName, type Principal } from "./principal.ts";
import type { IdempotencyRecord, Tables } from "./records.ts";

const LONGEST_KEY = 200;

/** Tables whose rows have an id of their own: what a create mutation makes. */
type TableWithId = { [T in keyof Tables]: Tables[T] extends { readonly id: string } ? T : never }[keyof Tables];

/** One call of a create mutation: what was asked (without the key itself), and the table that the new row goes to. */
export interface IdempotentCall<T extends TableWithId> {
  readonly mutation: string;
  readonly key: string;
  readonly body: Json;
  readonly table: T;
}

/** Rolls the transaction back; the failure travels on as a value. */
class Refused extends Error {
  readonly failure: { readonly ok: false; readonly error: AppError };
  constructor(failure: Refused["failure"]) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/**
 * Runs `work` in one transaction, once for each (principal, mutation, key): the same body gets the same row again (as it
 * is by then), another body is an IDEMPOTENCY_CONFLICT. Calls at the same time wait for the first one. A failure rolls
 * everything back and may be tried again. After `settings.idempotencyMs` the key is free.
 *
 * @param work gets the id to create the row under, derived from the call so that a retry makes the same one.
 */
export async function withIdempotency<T extends TableWithId>(
  app: Pick<App, "clock" | "ids" | "secrets" | "settings" | "store">,
  principal: Principal,
  { mutation, key, body, table }: IdempotentCall<T>,
  work: (tx: Tx, id: string) => Promise<AppResult<Tables[T]>>,
): Promise<AppResult<Tables[T]>> {
  if (key.length < 1 || key.length > LONGEST_KEY) {
    const message = `expected an idempotency key of 1 to ${LONGEST_KEY} characters, found ${key.length}: a random uuid will do`;
    return fail("INVALID_INPUT", message, ["input", "idempotencyKey"]);
  }
  const name = { principal: principalName(principal), mutation, key };
  const bodyDigest = app.secrets.sha256(canonicalJson(body));
  const createdAt = app.clock.now();

  const once = async (tx: Tx): Promise<AppResult<Tables[T]>> => {
    let id = app.ids.derived(mutation, name.principal, key);
    // The insert waits for a call in flight with the same key, so whoever comes second finds the first one's answer.
    if (!(await tx.insertIfAbsent("idempotencyKeys", { ...name, bodyDigest, result: { id }, createdAt }))) {
      const earlier = await tx.findOne("idempotencyKeys", name, { lock: "update" });
      if (!earlier) throw new Error(`the idempotency record of ${mutation} vanished while it was in use`);
      if (earlier.createdAt.getTime() + app.settings.idempotencyMs > createdAt.getTime()) {
        return replay(tx, table, earlier, bodyDigest);
      }
      // The row of the earlier round has the plain id: the old moment tells this round's row apart.
      id = app.ids.derived(mutation, name.principal, key, earlier.createdAt.toISOString());
      await tx.update("idempotencyKeys", name, { bodyDigest, result: { id }, createdAt });
    }
    const result = await work(tx, id);
    if (!result.ok) throw new Refused(result);
    // Most work creates under `id`; work that answers with a row of another id is replayed with that one.
    if (result.value.id !== id) await tx.update("idempotencyKeys", name, { result: { id: result.value.id } });
    return result;
  };

  try {
    return await app.store.transaction(once);
  } catch (error) {
    if (error instanceof Refused) return error.failure;
    throw error;
  }
}

async function replay<T extends TableWithId>(
  tx: Tx,
  table: T,
  earlier: IdempotencyRecord,
  bodyDigest: string,
): Promise<AppResult<Tables[T]>> {
  if (earlier.bodyDigest !== bodyDigest) {
    const message = "this idempotency key was used with another input: repeat that input, or take a new key";
    return fail("IDEMPOTENCY_CONFLICT", message, ["input", "idempotencyKey"]);
  }
  // The table is only known to the caller, so its rows' common column must be named for the compiler.
  const row = await tx.findOne(table, { id: String(earlier.result["id"]) } as Parameters<typeof tx.findOne<T>>[1]);
  return row === null
    ? fail("NOT_FOUND", "what this idempotency key made is gone: take a new key")
    : { ok: true, value: row };
}
