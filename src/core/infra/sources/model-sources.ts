import type { ModelSources } from "../../app/ports.ts";
import type { Settings } from "../../app/settings.ts";
import { createHub } from "./hub.ts";
import { createPresigned } from "./presigned.ts";

/** The ModelSources port: repositories of the hub, and presigned links into S3. */
export function createModelSources({ dataset, sources }: Pick<Settings, "dataset" | "sources">): ModelSources {
  const hub = createHub(dataset.hubUrl, sources.hubHosts);
  const presigned = createPresigned(sources.s3Hosts);
  return {
    refusal(source) {
      if (source.kind === "S3") return presigned.refusal(source);
      return sources.hub ? null : "expected an upload: the operator takes no repositories of the hub";
    },
    list: async (source, signal) => (source.kind === "S3" ? presigned.list(source) : hub.list(source, signal)),
    open: (source, path, signal) =>
      source.kind === "S3" ? presigned.open(source, path, signal) : hub.open(source, path, signal),
  };
}
