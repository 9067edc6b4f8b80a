// The bench as a command: options in, progress and a table out.
import { isGanDlError } from "gan-dl/core";
import { HELP, parseOptions } from "./options.ts";
import type { BenchRow } from "./row.ts";
import { type BenchListener, type BenchReport, chosenRows, runBench } from "./run.ts";
import { tableText } from "./table.ts";

/** Where a command writes: results and everything else. */
export interface CommandStreams {
  readonly out: Pick<NodeJS.WriteStream, "write">;
  readonly error: Pick<NodeJS.WriteStream, "write"> & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Runs the bench over `rows`. @returns the exit code: 2 for a mistake of the user's. */
export async function benchCommand(
  rows: readonly BenchRow[],
  args: readonly string[],
  { out, error }: CommandStreams,
): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) out.write(`${HELP}\n`);
    else if (options.list) out.write(`${listText(chosenRows(rows, options))}\n`);
    else {
      out.write(`${reportText(await runBench(rows, options, progressOn(error)))}\n`);
      if (options.json !== null) error.write(`written to ${options.json}\n`);
    }
    return 0;
  } catch (failure) {
    error.write(`${isGanDlError(failure) ? failure.message : ((failure as Error).stack ?? failure)}\n`);
    return isGanDlError(failure) ? 2 : 1;
  }
}

function listText(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map((row) => row.name.length));
  return rows.map((row) => `${row.name.padEnd(width)}  ${row.title}`).join("\n");
}

function reportText({ machine, commit, date, device, precision, peer, rows }: BenchReport): string {
  const { cpu, threads, cores, libtorch, oneDnn, platform } = machine;
  const library = `LibTorch ${libtorch}${oneDnn === null ? "" : ` (oneDNN ${oneDnn})`}`;
  const where = `${cpu}, ${threads} of ${cores} cores, ${library}, ${platform}`;
  const gpu = device === "cpu" ? "" : ` on ${device}, ${machine.gpus[Number(device.slice(5))]},`;
  const training = gpu === "" && precision === "float32" ? [] : [`training${gpu} in ${precision}`];
  const heading = [
    where,
    ...training,
    `commit ${commit ?? "unknown"}, ${date}`,
    ...(peer === null ? [] : [`peer: ${peer}`]),
  ];
  return `${heading.join("\n")}\n\n${tableText(rows)}`;
}

/** One line that is redrawn on a terminal, a line a row elsewhere. */
function progressOn(stream: CommandStreams["error"]): BenchListener {
  let label = "";
  const redraw = (text: string) => {
    if (stream.isTTY) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}`);
  };
  return {
    started: (row, index, total, rounds) => {
      label = `[${index + 1}/${total}] ${row.name}`;
      if (!stream.isTTY) stream.write(`${label}: ${row.title}\n`);
      redraw(`${label}  warming up, then ${rounds} rounds`);
    },
    peer: (text) => (stream.isTTY ? redraw(`${label}  ${text}`) : stream.write(`  ${text}\n`)),
    round: (done, rounds) => redraw(`${label}  round ${done}/${rounds}`),
    finished: () => redraw(""),
  };
}
