import { testPlugin } from "gradients/plugin/testing";
import conformance from "../src/conformance.ts";
import plugin from "../src/index.ts";

testPlugin(plugin, conformance);
