// The message of a fault that must come, for the tests of every room.
import { expect } from "vitest";
import { GanDlError } from "./errors.ts";

/** Runs `work`, which must throw a GanDlError of `code`, and returns its message. */
export async function messageOf(code: string, work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GanDlError)) throw error;
    expect(error.code).toBe(code);
    return error.message;
  }
  throw new Error(`nothing was thrown; ${code} was expected`);
}
