export { artifactKind, trainerCommand, type MakeModel, type ModelOrder } from "./model-maker.ts";
export { commandWords } from "./command-words.ts";
export { createSlots, type Slots } from "./slots.ts";
export { findBaseModel } from "./base-model-folder.ts";
export { runMiner } from "./run-miner.ts";
export { StateFolderError } from "./state-folder.ts";
export type { AssignmentStage, AssignmentState } from "./assignment-state.ts";
export type { MinerObserver, MinerOptions } from "./miner-options.ts";
export type { Progress } from "./progress.ts";
