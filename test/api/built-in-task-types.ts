import type { AnyTaskType } from "../../src/core/contract/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
/** x */
export const builtInTaskTypes = (): readonly AnyTaskType[] => [instruct as unknown as AnyTaskType];
