import type { Command } from "commander";
import { readConfig } from "../../core/infra/config/index.ts";
import { EXIT } from "../exit-codes.ts";
import { inPackage } from "../package-root.ts";
import { printJson, printLines, tableLines, type Column } from "../output.ts";
import { failed, fine, type Finding } from "./finding.ts";

const WORDS = { ok: "ok", absent: "-", failed: "FAILED" } as const;
const columns: readonly Column<Finding>[] = [
  { title: "CHECK", cell: ({ name }) => name },
  { title: "", cell: ({ status }) => WORDS[status] },
  { title: "FOUND", cell: ({ found }) => found.replace(/\s+/g, " ") },
];

/** `gradients doctor`: whether a server or a worker with this configuration could work on this machine, and what is missing. */
export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("check what a server or a worker needs on this machine, and say what is missing")
    .option("--json", "print the checks as one JSON document")
    .addHelpText(
      "after",
      `
It reads the same settings as gradients serve, starts no server and changes nothing. It checks Node.js, the settings, the
data folder and its disk, the base models, the database, Redis where it is used, the plugins, the devices, and what the
chosen eval runner needs: the evaluator program, or the Docker daemon, the image, a container and GPUs in it.
Exit code: 0 where nothing is missing, 1 where a check failed.

Examples:
  gradients doctor
  gradients doctor --json
  GRADIENTS_EVAL_RUNNER=docker GRADIENTS_PLUGIN_OPTIONS='{"docker":{"image":"sha256:…"}}' gradients doctor`,
    )
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const findings = await examineAll();
      const ok = findings.every(({ status }) => status !== "failed");
      if (json) printJson({ ok, checks: findings });
      else printLines(...tableLines(findings, columns), "", ...remedyLines(findings));
      process.exitCode = ok ? EXIT.ok : EXIT.failed;
    });
}

async function examineAll(): Promise<readonly Finding[]> {
  const { nodeFinding, dataFolderFindings, modelsFinding } = await import("./machine.ts");
  const parsed = readConfig(inPackage());
  if (!parsed.ok) {
    const remedy = ".env.example lists every setting with its default";
    return [nodeFinding(), failed("settings", parsed.error.join("; "), remedy)];
  }
  const config = parsed.value;
  const [{ databaseFinding, redisFinding }, { evaluationFindings }] = await Promise.all([
    import("./services.ts"),
    import("./evaluations.ts"),
  ]);
  const folders = await dataFolderFindings(config);
  const usable = folders[0]?.status === "ok";
  const [models, database, redis] = await Promise.all([
    modelsFinding(config),
    databaseFinding(config),
    redisFinding(config),
  ]);
  return [
    nodeFinding(),
    fine("settings", "understood"),
    ...folders,
    models,
    database,
    ...(redis === null ? [] : [redis]),
    ...(usable ? await evaluationFindings(config) : []),
  ];
}

function remedyLines(findings: readonly Finding[]): readonly string[] {
  const missing = findings.filter(({ remedy }) => remedy !== null);
  if (missing.length === 0) return ["Nothing is missing."];
  return missing.map(
    ({ name, status, remedy }) => `${status === "failed" ? "To do" : "If wanted"}: ${name}: ${remedy}`,
  );
}
