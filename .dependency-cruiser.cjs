/** Who may import whom: the layers of the design. Tests may reach into what they test. */
const never = (name, from, to, comment, extra = {}) => ({
  name,
  severity: "error",
  comment,
  from: { path: from, pathNot: "\\.test\\.ts$" },
  to: { path: to, ...extra },
});

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      comment: "A circle has no first thing to read.",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    never("domain-imports-itself-only", "^src/core/domain", ".", "Arithmetic needs nothing, node builtins included.", {
      pathNot: "^src/core/domain",
    }),
    never(
      "contract-is-small",
      "^src/core/contract/(?!testing)",
      "^(src|evaluators|node_modules)",
      "The plugin API is domain types and zod.",
      {
        pathNot: "^(src/core/(contract|domain)|node_modules/zod)",
      },
    ),
    never(
      "app-knows-no-adapters",
      "^src/core/app",
      "^(src/(core/infra|schema|plugins|eval-runners|sdk|cli)|node_modules/(graphql|type-graphql|@mikro-orm|pg|bullmq|@apollo))",
      "Use cases speak to ports.",
    ),
    never("infra-knows-no-edges", "^src/core/infra", "^src/(schema|eval-runners|sdk|cli)", "Adapters serve ports."),
    never(
      "infra-loads-plugins-only-as-a-list",
      "^src/core/infra",
      "^src/plugins",
      "The built-in list is the composition root's.",
    ),
    never(
      "schema-knows-no-adapters",
      "^src/schema",
      "^src/(core/infra|plugins|eval-runners|sdk|cli)",
      "The API is thin over use cases.",
    ),
    never(
      "plugins-use-the-contract",
      "^src/plugins/([^/]+)/",
      "^(src|evaluators)",
      "A built-in plugin has what an outsider has.",
      {
        pathNot: "^src/(core/(contract|domain)/|plugins/$1/)",
      },
    ),
    never("runners-use-the-contract", "^src/eval-runners/[^/]+/", "^(src|evaluators)", "A runner knows no task type.", {
      pathNot: "^src/(core/contract/|eval-runners/)",
    }),
    never("sdk-uses-the-public-api", "^src/sdk", "^(src|evaluators)", "The SDK has what a miner has: the network.", {
      pathNot: "^src/sdk",
    }),
    never("evaluators-stand-alone", "^evaluators", "^src", "Evaluators are programs of their own."),
    never("nothing-imports-evaluators", "^src", "^evaluators", "They are started, never imported."),
    never(
      "roots-are-not-imported",
      "^src/(core|schema|plugins|eval-runners|sdk)/",
      "^src/(compose|server|worker|cli)\\.ts$",
      "Composition roots are at the top.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      conditionNames: ["import", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
