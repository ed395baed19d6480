import { z } from "zod";
import { evaluatorLimits } from "../../core/contract/index.ts";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

const bytes = (most: number, fallback: number) => z.int().min(MiB).max(most).default(fallback);
const deadline = (fallback: number) => z.int().positive().default(fallback);

/** An image by what it holds: the id of its configuration, or a name with the digest of its manifest. A tag may move. */
const pinnedImage = z
  .string()
  .regex(
    /^(?:[a-z0-9][a-z0-9._/:-]*@)?sha256:[0-9a-f]{64}$/,
    "expected an image that can't change: sha256:<64 hex digits>, or <name>@sha256:<64 hex digits>",
  );

/** The operator's options of the docker runner. Sizes are bytes, durations milliseconds. */
export const dockerOptions = z.strictObject({
  image: pinnedImage,
  /** Program and arguments; null is the image's own entry point. */
  command: z.array(z.string().min(1)).min(1).nullable().default(null),
  /** Where the daemon listens. */
  daemon: z
    .string()
    .regex(/^(unix:\/\/\/.+|tcp:\/\/[^/]+:\d+)$/, "expected unix:///path/to/docker.sock or tcp://host:port")
    .default("unix:///var/run/docker.sock"),
  /** The OCI runtime: `runc`, or one that the daemon knows, like `runsc` (gVisor). */
  runtime: z.string().min(1).default("runc"),
  /** For sessions without a leased device: no GPU, or these, by their uuids. A leased device always wins. */
  gpus: z.union([z.literal("none"), z.array(z.string().regex(/^(GPU|MIG)-[A-Za-z0-9-]+$/)).min(1)]).default("none"),
  /** Memory of a container, swap and temporary files included. */
  memory: bytes(4096 * GiB, 4 * GiB),
  cpus: z.number().min(0.01).max(1024).default(1),
  /** Processes and threads. */
  pids: z.int().min(16).max(1_000_000).default(512),
  /** The only place that an evaluator may write to: /tmp, in memory. */
  temporary: z
    .strictObject({ bytes: bytes(1024 * GiB, 256 * MiB), files: z.int().min(16).max(10_000_000).default(4096) })
    .prefault({}),
  /** How the daemon sees folders of this machine, where it runs elsewhere: `{"/data": "/srv/market"}`. */
  folders: z.record(z.string().startsWith("/"), z.string().startsWith("/")).default({}),
  /** How long the daemon may take for each of these; it may hang in any. */
  deadlines: z
    .strictObject({
      callMs: deadline(30_000),
      createMs: deadline(60_000),
      startMs: deadline(60_000),
      stopMs: deadline(15_000),
      removeMs: deadline(30_000),
    })
    .prefault({}),
  /** The longest life of one container. It is ended then and nobody is blamed; what is left of it later is an orphan. */
  lifetimeMs: deadline(24 * 60 * 60 * 1000),
  /** For hello, and for loading the base and the sets. */
  openTimeoutMs: deadline(600_000),
  ...evaluatorLimits.shape,
});

export type DockerOptions = z.output<typeof dockerOptions>;
