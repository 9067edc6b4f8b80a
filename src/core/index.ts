// Errors and seeded random numbers: what every other room may use.
export { type ErrorText, GanDlError, isGanDlError } from "./errors.ts";
export { extent } from "./extent.ts";
export { SeededRandom, type SeededRandomState } from "./seeded-random.ts";
