import type { JsonObject } from "../contract/index.ts";
import type { App } from "./app.ts";
import type { Tx } from "./ports.ts";
import { principalName, type Principal } from "./principal.ts";

/** Writes down what an operator did; what others do in their own affairs leaves no row. */
export async function audit(app: App, tx: Tx, principal: Principal, action: string, data: JsonObject): Promise<void> {
  if (principal.kind !== "OPERATOR") return;
  await tx.insert("auditLog", {
    id: app.ids.random(),
    actor: principalName(principal),
    action,
    data,
    at: app.clock.now(),
  });
}
