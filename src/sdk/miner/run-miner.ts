import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { authenticateMiner, keepTokenFresh } from "../authenticate-miner.ts";
import { DEFAULT_BACKOFF, withRetries } from "../backoff.ts";
import { createClient, type GradientsClient } from "../client.ts";
import { UserError } from "../errors.ts";
import {
  HeartbeatDocument,
  RegisterMinerDocument,
  RespondToOfferDocument,
  TaskTypesDocument,
} from "../generated/graphql.ts";
import { minerEvents, type MinerEvent, type MinerEventOf } from "../miner-events.ts";
import { activeAssignments, type ActiveAssignments } from "./active-assignments.ts";
import type { AssignmentFolder, AssignmentState } from "./assignment-state.ts";
import { findBaseModel } from "./base-model-folder.ts";
import type { MinerOptions } from "./miner-options.ts";
import { openStateFolder, stateFolderError } from "./state-folder.ts";

const HEARTBEAT_MS = 10_000;

/**
 * Runs a miner until the signal aborts: signs in, registers, answers offers, trains, uploads, seals, and waits for
 * scores. It outlives restarts of the server, and its own where the state folder stays.
 *
 * @throws where the server refuses the miner itself (suspended, unknown task type); StateFolderError.
 */
export async function runMiner(options: MinerOptions): Promise<void> {
  const { url, keyPair, stateFolder, observer = {}, backoff = DEFAULT_BACKOFF, webSocketImpl } = options;
  // What runs beside the events must end with them, whether they end by the caller's signal or by an error.
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  await using client = createClient({
    url,
    backoff,
    // The server may have been away for longer than a token lives.
    renewToken: () => authenticateMiner(client, keyPair, signal),
    ...(webSocketImpl === undefined ? {} : { webSocketImpl }),
  });
  const onDisconnected = (error: Error, retryInMs: number): void => observer.onDisconnected?.(error, retryInMs);
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    withRetries(work, { retries: Number.POSITIVE_INFINITY, backoff, signal, onRetry: onDisconnected });
  try {
    const { cursor, assignments, remembered } = await openStateFolder(stateFolder);
    const session = await patiently(() => authenticateMiner(client, keyPair, signal));
    await patiently(() => register(client, options));
    observer.onRegistered?.();
    const background = [
      keepTokenFresh(client, keyPair, session, signal),
      keepAlive(client, options.heartbeatMs ?? HEARTBEAT_MS, signal),
    ];
    await using active = activeAssignments(client, assignments, options, (error) => stopped.abort(error));
    for (const state of remembered) active.start(state);
    await minerEvents(client, {
      cursor,
      signal,
      backoff,
      onEvent: async (event) => {
        await handleEvent(event, { client, assignments, active, options });
        observer.onEvent?.(event);
      },
      onUnauthenticated: async () => {
        await authenticateMiner(client, keyPair, signal);
      },
      onDisconnected,
    });
    stopped.signal.throwIfAborted();
    stopped.abort();
    await Promise.all(background);
  } catch (error) {
    if (!options.signal.aborted) throw stateFolderError(error, stateFolder) ?? error;
  } finally {
    stopped.abort();
  }
}

interface EventContext {
  readonly client: GradientsClient;
  readonly assignments: AssignmentFolder;
  readonly active: ActiveAssignments;
  readonly options: MinerOptions;
}

async function register(
  client: GradientsClient,
  { name, taskTypes, maxParameterCount, slots, signal }: MinerOptions,
): Promise<void> {
  const kinds =
    taskTypes ?? (await client.request(TaskTypesDocument, {}, { signal })).taskTypes.map(({ kind }) => kind);
  const input = { idempotencyKey: randomUUID(), name, taskTypes: [...kinds], maxParameterCount, slots };
  await client.request(RegisterMinerDocument, { input }, { signal });
}

/** Plain signs of life: a miner without them gets no offers. */
async function keepAlive(client: GradientsClient, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    // A lost one is followed by the next.
    await client.request(HeartbeatDocument, { input: {} }, { signal }).catch(() => undefined);
  }
}

async function handleEvent(event: MinerEvent, context: EventContext): Promise<void> {
  const { active } = context;
  switch (event.__typename) {
    case "OfferMade":
      await answerOffer(event, context);
      return;
    case "Assigned":
      await begin(event, context);
      return;
    case "DeadlineChanged":
      await active.changeDeadline(event.assignmentId, event.deadline);
      return;
    case "TaskCancelled":
      await active.end(event.taskId, "CANCELLED");
      return;
    case "TaskScored":
      await active.end(event.taskId, "SCORED");
      return;
    default:
  }
}

/**
 * Takes an offer if the base model is at hand: kind, size and slots are what the miner registered. Whether it is still open
 * the server says: its clock decides, and it extends offers by its own downtime.
 */
async function answerOffer(offer: MinerEventOf<"OfferMade">, { client, options }: EventContext): Promise<void> {
  const { models, signal, observer, backoff = DEFAULT_BACKOFF } = options;
  const unreadable = (cause: unknown): null => {
    observer?.onProblem?.(null, new Error(`A base model in ${models} can't be read.`, { cause }));
    return null;
  };
  const accept = (await findBaseModel(models, offer.baseModel).catch(unreadable)) !== null;
  if (!accept) observer?.onProblem?.(null, new Error(declined(offer.baseModel, models)));
  const answer = (): Promise<unknown> =>
    client.request(RespondToOfferDocument, { input: { offerId: offer.offerId, accept } }, { signal });
  try {
    await withRetries(answer, { retries: Number.POSITIVE_INFINITY, backoff, signal });
  } catch (error) {
    // Closed in the meantime, or no slot is free: the next offer will come.
    if (!(error instanceof UserError)) throw error;
    observer?.onProblem?.(null, error);
  }
}

const declined = ({ repo, revision }: { repo: string; revision: string }, models: string): string =>
  `An offer was declined: expected the base model ${repo} of revision ${revision} in ${models}, found none. ` +
  `Put its files there, or into ${repo}/${revision}.`;

/** Remembers the assignment before any work, so that a restart finds it. */
async function begin(event: MinerEventOf<"Assigned">, { assignments, active }: EventContext): Promise<void> {
  const known = await assignments.load(event.assignmentId);
  const { assignmentId, taskId, kind, title, deadline, baseModel, files, rendering, columns, objective } = event;
  const fresh: AssignmentState = {
    stage: "ASSIGNED",
    assignmentId,
    taskId,
    kind,
    title,
    deadline,
    baseModel,
    files,
    rendering,
    columns,
    objective,
    uploads: 1,
  };
  if (known === null) await assignments.save(fresh);
  active.start(known ?? fresh);
}
