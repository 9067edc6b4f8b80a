// Errors are written for a terminal, in lines that name their part; a page says them as sentences.

/** A line of an error without the name of its part. Names of files keep their case. */
export const sentence = (line: string): string =>
  line.trim().replace(/^(?:(?:why|fix): (.)|t(?=he ))/, (_, letter?: string) => letter?.toUpperCase() ?? "T");
