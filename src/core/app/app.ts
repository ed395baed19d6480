import type { LiveArtifactStore, LiveEvalRunner, LiveSynthesizer, LiveWeightPublisher } from "../contract/index.ts";
import type {
  BaseModels,
  Broadcast,
  Clock,
  Hotkeys,
  Download,
  Ids,
  Leases,
  Log,
  ModelSources,
  Secrets,
  Signer,
  Store,
  UploadParts,
  Worker,
} from "./ports.ts";
import type { ActiveRule } from "./live-plugins.ts";
import type { Registry } from "./registry.ts";
import type { Settings } from "./settings.ts";

/** What every use case gets: the composition root builds it once. */
export interface App {
  readonly store: Store;
  readonly leases: Leases;
  readonly broadcast: Broadcast;
  readonly registry: Registry;
  /** Those that shall judge, with the operator's options. */
  readonly rules: readonly ActiveRule[];
  readonly artifacts: LiveArtifactStore;
  readonly synthesizer: LiveSynthesizer | null;
  readonly evalRunner: LiveEvalRunner;
  readonly publishers: readonly LiveWeightPublisher[];
  readonly bases: BaseModels;
  readonly download: Download;
  readonly sources: ModelSources;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly signer: Signer;
  readonly hotkeys: Hotkeys;
  readonly uploadParts: UploadParts;
  readonly log: Log;
  readonly worker: Worker;
  /** A folder for temporary files; emptied at every start. */
  readonly scratchFolder: string;
}
