// Checking what comes from disk or the wire: one message that lists every fault with its path.
import { z } from "zod";
import { GanDlError } from "../core/errors.ts";

/**
 * Returns `input` as `schema` types it, defaults filled.
 * @param source the file or flag that `input` came from; it opens the message.
 * @param fix what the user should do about a fault.
 * @throws GanDlError `bad-file-content`, listing every fault with its key path.
 */
export function parseWith<T extends z.ZodType>(schema: T, input: unknown, source: string, fix: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new GanDlError("bad-file-content", {
    what: `${source} does not have the expected form.`,
    why: z.prettifyError(parsed.error),
    fix,
  });
}
