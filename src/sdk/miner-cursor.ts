import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

/** How many ids of handled events are kept to recognise a repeated one. */
const REMEMBERED_IDS = 512;

const cursorState = z.object({ cursor: z.string().nullable(), handled: z.array(z.string()) });
export type CursorState = z.output<typeof cursorState>;

/** Where a miner's place in its events is kept between runs. */
export interface CursorStore {
  load(): Promise<CursorState>;
  save(state: CursorState): Promise<void>;
}

export const EMPTY_CURSOR: CursorState = { cursor: null, handled: [] };

/** Keeps the cursor in memory only: a new process starts from the first event. */
export function memoryCursor(initial: string | null = null): CursorStore {
  let state: CursorState = { cursor: initial, handled: [] };
  return {
    load: () => Promise.resolve(state),
    save: (next) => {
      state = next;
      return Promise.resolve();
    },
  };
}

/** Keeps the cursor in a file that is replaced as a whole. */
export function fileCursor(path: string): CursorStore {
  return {
    load: async () => (await readJsonFile(path, cursorState)) ?? EMPTY_CURSOR,
    save: (state) => writeJsonFile(path, state),
  };
}

/** The state after an event was handled. */
export function afterEvent(state: CursorState, event: { readonly id: string; readonly cursor: string }): CursorState {
  return { cursor: event.cursor, handled: [...state.handled, event.id].slice(-REMEMBERED_IDS) };
}
