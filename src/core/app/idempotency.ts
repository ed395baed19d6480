import type { Json } from "../contract/index.ts";
import { canonicalJson, ok } from "../domain/index.ts";
import type { App } from "./app.ts";
import { fail, type AppError, type AppResult } from "./errors.ts";
import type { Tx, Where } from "./ports.ts";
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
    // The insert waits for a call in flight with the same key, so whoever comes second finds the first one's answer.
    const fresh = await tx.insertIfAbsent("idempotencyKeys", { ...name, bodyDigest, result: {}, createdAt });
    const earlier = fresh ? null : await tx.findOne("idempotencyKeys", name, { lock: "update" });
    if (earlier && earlier.createdAt.getTime() + app.settings.idempotencyMs > createdAt.getTime()) {
      return replay(tx, table, earlier, bodyDigest);
    }
    const plain = app.ids.derived(mutation, name.principal, key);
    // What the key made in an earlier round still has the plain id: the moment tells this round's row apart.
    const taken = (await rowOf(tx, table, plain)) !== null;
    const result = await work(
      tx,
      taken ? app.ids.derived(mutation, name.principal, key, createdAt.toISOString()) : plain,
    );
    if (!result.ok) throw new Refused(result);
    await tx.update("idempotencyKeys", name, { bodyDigest, result: { id: result.value.id }, createdAt });
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
  const id = earlier.result["id"];
  const row = typeof id === "string" ? await rowOf(tx, table, id) : null;
  return row === null ? fail("NOT_FOUND", "what this idempotency key made is gone: take a new key") : ok(row);
}

function rowOf<T extends TableWithId>(tx: Tx, table: T, id: string): Promise<Tables[T] | null> {
  // Which table it is only the caller knows, so the compiler can't see the column that all of them have.
  return tx.findOne(table, { id } as Where<Tables[T]>);
}
