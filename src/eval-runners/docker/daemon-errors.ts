import { InfrastructureError } from "../../core/contract/index.ts";

/** What a failed call to the daemon means: exactly what is missing, in a sentence. */
export function asInfrastructureError(error: unknown, what: string, address: string): InfrastructureError {
  if (error instanceof InfrastructureError) return error;
  const said = reasonOf(error);
  const options = { cause: error };
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EACCES" || code === "EPERM") {
    const message = `the Docker daemon at ${address} may not be used by this user: add it to the socket's group`;
    return new InfrastructureError("DOCKER_UNREACHABLE", message, options);
  }
  if (typeof code === "string" && UNREACHABLE.has(code)) {
    const message = `there is no Docker daemon at ${address} (${code} when asked to ${what}): start it, or set the option daemon`;
    return new InfrastructureError("DOCKER_UNREACHABLE", message, options);
  }
  if (/no such image/i.test(said)) {
    const message = `the Docker daemon at ${address} has not the image of the option image: load or pull it there (it said: ${said})`;
    return new InfrastructureError("IMAGE_MISSING", message, options);
  }
  if (/could not select device driver|nvidia-container-cli|cdi device|no known GPU vendor/i.test(said)) {
    const message = `the Docker daemon at ${address} can't give GPUs to containers: install the NVIDIA driver and the NVIDIA Container Toolkit there, then restart it (it said: ${said})`;
    return new InfrastructureError("GPU_UNAVAILABLE", message, options);
  }
  if (/unknown (or invalid )?runtime/i.test(said)) {
    const message = `the Docker daemon at ${address} does not know the runtime: install it there, or change the option runtime (it said: ${said})`;
    return new InfrastructureError("RUNTIME_MISSING", message, options);
  }
  if (/range of CPUs/i.test(said)) {
    const message = `the machine of the Docker daemon at ${address} has fewer CPUs than a container is to get: lower the option cpus (it said: ${said})`;
    return new InfrastructureError("CPUS_MISSING", message, options);
  }
  const message = `the Docker daemon at ${address} did not ${what}: ${said}`;
  return new InfrastructureError("DOCKER_FAILED", message, options);
}

/** How Node names a socket that is not there, refuses, or breaks in the middle. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "ENOTSOCK",
]);

/** The daemon's own words where it answered. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && "json" in error) {
    const { json } = error;
    if (typeof json === "object" && json !== null && "message" in json) return String(json.message);
  }
  return error instanceof Error ? error.message.trim() : String(error);
}
