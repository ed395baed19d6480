import dockerRunner from "../eval-runners/docker/index.ts";
import localRunner from "../eval-runners/local/index.ts";
import chatSynthesizer from "./chat-synthesizer/index.ts";
import dpo from "./dpo/index.ts";
import duplicateLosses from "./duplicate-losses/index.ts";
import grpo from "./grpo/index.ts";
import image from "./image/index.ts";
import instruct from "./instruct/index.ts";
import ledgerPublisher from "./ledger-publisher/index.ts";
import localArtifactStore from "./local-artifact-store/index.ts";
import notFinetuned from "./not-finetuned/index.ts";
import organicSyntheticGap from "./organic-synthetic-gap/index.ts";
import s3ArtifactStore from "./s3-artifact-store/index.ts";
import suspiciousGap from "./suspicious-gap/index.ts";
import templateSynthesizer from "./template-synthesizer/index.ts";

/** The one list of what ships with Gradients: the default of the operator's plugin list. */
export const builtinPlugins = [
  instruct,
  dpo,
  grpo,
  image,
  duplicateLosses,
  notFinetuned,
  suspiciousGap,
  organicSyntheticGap,
  templateSynthesizer,
  chatSynthesizer,
  localArtifactStore,
  s3ArtifactStore,
  ledgerPublisher,
  localRunner,
  dockerRunner,
].map((plugin) => ({ plugin, origin: `built-in ${plugin.name}` }));
