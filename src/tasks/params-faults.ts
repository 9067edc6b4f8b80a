// What is wrong with a task's parameters, in words.
import { z } from "zod";

/**
 * A line for each fault; a parameter that must be given is named with what it stands for.
 * @param params as written by the caller.
 */
export function paramsFaults(schema: z.ZodType, params: unknown, error: z.ZodError): string {
  const given = (params ?? {}) as Readonly<Record<string, unknown>>;
  const shape = schema instanceof z.ZodObject ? (schema.shape as Readonly<Record<string, z.ZodType>>) : {};
  const isMissing = ({ path }: z.core.$ZodIssue) => path.length === 1 && given[String(path[0])] === undefined;
  const missing = error.issues.filter(isMissing).map(({ path: [key] }) => {
    const meaning = shape[String(key)]?.description;
    return `${String(key)} is missing${meaning ? `: ${meaning}` : ""}`;
  });
  const others = error.issues.filter((issue) => !isMissing(issue));
  return [...missing, ...(others.length > 0 ? [z.prettifyError(new z.ZodError(others))] : [])].join("\n");
}
