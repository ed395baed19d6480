import { definePlugin } from "../../core/contract/index.ts";
import { notFinetuned } from "./rule.ts";

export default definePlugin({ name: "not-finetuned", version: "1.0.0", provides: [notFinetuned] });
