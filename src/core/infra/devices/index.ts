export { startDeviceWork } from "./device-work.ts";
export { findDevices } from "./find-devices.ts";
