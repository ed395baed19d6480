import { registerHooks } from "node:module";

// dependency-cruiser reads TypeScript through the compiler's JavaScript API, which TypeScript 7 does not have yet.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      /^typescript(\/|$)/.test(specifier) ? specifier.replace("typescript", "@typescript/typescript6") : specifier,
      context,
    ),
});
