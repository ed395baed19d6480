/** The GraphQL API over the use cases. */
export { createApi, type Api, type ApiOptions } from "./api.ts";
export { operationContext } from "./operation-context.ts";
export { buildApiSchema } from "./build-schema.ts";
export { API_LIMITS, type ApiLimits } from "./limits.ts";
