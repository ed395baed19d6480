import type { Json, JsonObject } from "../contract/index.ts";
import { canonicalJson, ok } from "../domain/index.ts";

import type { App } from "./app.ts";
import { fail, type AppResult } from "./errors.ts";
import type { Tx } from "./ports.ts";
import { principalName, type Principal } from "./principal.ts";

const LONGEST_KEY = 200;

/** One call of a create mutation: who made it, under which key, and what was asked (without the key itself). */
export interface IdempotentCall {
  readonly principal: Principal;
  readonly mutation: string;
  readonly key: string;
  readonly body: Json;
}

/**
 * Runs `work` once for each (principal, mutation, key) and stores its answer with the transaction: the same body gets the
 * first answer again, another body is an IDEMPOTENCY_CONFLICT. Calls at the same time wait for the first one. A failure
 * is not stored, so it can be tried again. After `settings.idempotencyMs` the key is free.
 *
 * @param work gets the id to create under, derived from the call so that a retry makes the same one, and answers with
 *   ids only: the caller loads the rows. It must write nothing where it fails.
 */
export async function withIdempotency<T extends JsonObject>(
  app: Pick<App, "clock" | "ids" | "secrets" | "settings">,
  tx: Tx,
  { principal, mutation, key, body }: IdempotentCall,
  work: (id: string) => Promise<AppResult<T>>,
): Promise<AppResult<T>> {
  if (key.length < 1 || key.length > LONGEST_KEY) {
    const message = `an idempotency key has 1 to ${LONGEST_KEY} characters, this one has ${key.length}: a random uuid will do`;
    return fail("INVALID_INPUT", message, ["idempotencyKey"]);
  }
  const name = { principal: principalName(principal), mutation, key };
  const bodyDigest = app.secrets.sha256(canonicalJson(body));
  const createdAt = app.clock.now();

  let id = app.ids.derived(mutation, name.principal, key);
  // The insert waits for a call in flight with the same key, so whoever comes second finds the first one's answer.
  const first = await tx.insertIfAbsent("idempotencyKeys", { ...name, bodyDigest, result: {}, createdAt });
  if (!first) {
    const earlier = await tx.findOne("idempotencyKeys", name, { lock: "update" });
    if (!earlier) throw new Error(`the idempotency record of ${mutation} vanished while it was in use`);
    const expired = earlier.createdAt.getTime() + app.settings.idempotencyMs <= createdAt.getTime();
    if (!expired) return replay<T>(earlier, bodyDigest);
    // What the key made before still has the plain id: the old moment tells this round's things apart.
    id = app.ids.derived(mutation, name.principal, key, earlier.createdAt.toISOString());
  }

  const result = await work(id);
  if (result.ok) await tx.update("idempotencyKeys", name, { bodyDigest, result: result.value, createdAt });
  else if (first) await tx.remove("idempotencyKeys", name);
  return result;
}

function replay<T extends JsonObject>(
  earlier: { readonly bodyDigest: string; readonly result: JsonObject },
  bodyDigest: string,
): AppResult<T> {
  if (earlier.bodyDigest !== bodyDigest) {
    const message = "this idempotency key was used with another input: repeat that input, or take a new key";
    return fail("IDEMPOTENCY_CONFLICT", message, ["idempotencyKey"]);
  }
  // Parsed boundary: the row was written by this very mutation.
  return ok(earlier.result as T);
}
