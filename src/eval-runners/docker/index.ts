import { definePlugin } from "../../core/contract/index.ts";
import { dockerRunner } from "./runner.ts";

export { dockerRunner } from "./runner.ts";

export default definePlugin({ name: "docker-eval-runner", version: "1.0.0", provides: [dockerRunner] });
