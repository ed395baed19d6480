import { definePlugin } from "../../core/contract/index.ts";
import { duplicateLosses } from "./rule.ts";

export default definePlugin({ name: "duplicate-losses", version: "1.0.0", provides: [duplicateLosses] });
