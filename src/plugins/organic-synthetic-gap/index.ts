import { definePlugin } from "../../core/contract/index.ts";
import { organicSyntheticGap } from "./rule.ts";

export default definePlugin({ name: "organic-synthetic-gap", version: "1.0.0", provides: [organicSyntheticGap] });
