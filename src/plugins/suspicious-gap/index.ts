import { definePlugin } from "../../core/contract/index.ts";
import { suspiciousGap } from "./rule.ts";

export default definePlugin({ name: "suspicious-gap", version: "1.0.0", provides: [suspiciousGap] });
