/** Writes to the real standard output; whatever else prints there is sent to standard error. Import this first. */
export const writeProtocol = process.stdout.write.bind(process.stdout);

process.stdout.write = process.stderr.write.bind(process.stderr);
