import { BlockList, isIP } from "node:net";

const privateRanges = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  privateRanges.addSubnet(network, prefix, "ipv4");
}
// What is behind 2002 and 2001:0 is an IPv4 address that a router on the way unpacks.
for (const [network, prefix] of [
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const) {
  privateRanges.addSubnet(network, prefix, "ipv6");
}

/** All that was ever given out of version 6, and version 4 in its clothes: what lies outside is of some network's own. */
const globalRanges = new BlockList();
globalRanges.addSubnet("2000::", 3, "ipv6");
globalRanges.addSubnet("::ffff:0:0", 96, "ipv6");

/** Whether an address may be reached for a customer: nothing of the platform's own network may (request forgery). */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !privateRanges.check(address, "ipv4");
  // An IPv4 address in IPv6's clothes is looked up among those of IPv4, too.
  return family === 6 && globalRanges.check(address, "ipv6") && !privateRanges.check(address, "ipv6");
}
