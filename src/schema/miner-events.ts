import { z } from "zod";
import { decodeCursor, encodeCursor, type MinerEventRecord } from "../core/app/index.ts";
import { abortable } from "./abortable.ts";
import { refuse, valueOf } from "./api-error.ts";
import { listen } from "./bell.ts";
import type { ApiContext } from "./context.ts";
import { downloadUrl } from "./links.ts";

/** An event as it is served: the payload's keys are the GraphQL fields. */
export interface ServedMinerEvent {
  readonly id: string;
  readonly type: string;
  readonly cursor: string;
  readonly at: Date;
  readonly [field: string]: unknown;
}

const LIST = "minerEvents";
const BATCH = 100;

/**
 * The token's miner's events behind the cursor (all of them without one), then the new ones, by its gap-free sequence
 * numbers. It listens before it reads the backlog, so nothing falls between the two; a ring only says "read on".
 */
export async function minerEvents(context: ApiContext, after: string | null): Promise<AsyncIterable<ServedMinerEvent>> {
  const { app, principal } = context;
  if (principal.kind !== "MINER")
    refuse("UNAUTHENTICATED", "expected a miner's token in connection_init: authenticate with a hotkey");
  const { minerId } = principal;
  const start = after === null ? 0 : await sequenceOf(context, minerId, after);
  return abortable(async function* (signal) {
    let last = start;
    const bell = listen(app.broadcast, `miner:${minerId}`, signal);
    do {
      let batch: readonly MinerEventRecord[];
      do {
        const where = { minerId, sequence: { gt: last } };
        batch = await app.store.find("minerEvents", where, { orderBy: { sequence: "asc" }, limit: BATCH });
        for (const event of batch) {
          yield serve(context, event);
          last = event.sequence;
        }
      } while (batch.length === BATCH && !signal.aborted);
    } while (await bell.wait());
  });
}

async function sequenceOf({ app }: ApiContext, minerId: string, cursor: string): Promise<number> {
  const [owner, sequence] = valueOf(decodeCursor(LIST, ["uuid", "number"], cursor));
  const miner = await app.store.findOne("miners", { id: minerId });
  if (owner !== minerId || typeof sequence !== "number" || sequence > (miner?.eventSequence ?? 0)) {
    refuse("CURSOR_INVALID", "expected a cursor of this miner's own events: start again without one", ["after"]);
  }
  return sequence;
}

const filesSchema = z.array(z.looseObject({ name: z.string(), sha256: z.string() }));

function serve(context: ApiContext, { payload, minerId, sequence, id, type, at }: MinerEventRecord): ServedMinerEvent {
  const files = filesSchema.safeParse(payload["files"]);
  const links = files.success
    ? { files: files.data.map((file) => ({ ...file, url: downloadUrl(context, file.sha256, file.name) })) }
    : {};
  return { ...payload, ...links, id, type, at, cursor: encodeCursor(LIST, [minerId, sequence]) };
}
