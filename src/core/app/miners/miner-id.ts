import type { App } from "../app.ts";

/** A hotkey's miner id: known before it registers, and the same whenever it does. */
export function minerIdOf(app: Pick<App, "ids">, hotkey: string): string {
  return app.ids.derived("miner", hotkey);
}
