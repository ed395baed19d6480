#!/usr/bin/env node
// Syntax and imports here must suit old versions of Node: this file finds out which one it runs on.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 17)) {
  const { main } = await import("./cli/main.ts");
  await main(process.argv);
} else {
  const name = process.platform === "win32" ? "node.cmd" : "node";
  const pinned = fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
  if (existsSync(pinned)) {
    const child = spawn(pinned, process.argv.slice(1), { stdio: "inherit", shell: process.platform === "win32" });
    // Ctrl-C reaches the child by itself; other signals are passed on.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
  } else {
    process.stderr.write(
      `gradients needs Node 22.17 or newer; this is ${process.version} and the pinned one is not installed.\n` +
        "Run `npm ci` in the project's folder (it installs Node 24 beside the libraries), or use a newer Node.\n",
    );
    process.exit(69);
  }
}
