// `npm run bench`: options in, progress and a table out.
import { isGanDlError } from "gan-dl/core";
import { HELP, parseOptions } from "./options.ts";
import { ROWS } from "./registry.ts";
import { type BenchListener, chosenRows, runBench } from "./run.ts";
import { tableText } from "./table.ts";

/** Progress on standard error: one line that is redrawn on a terminal, a line a row elsewhere. */
function progress(stream: NodeJS.WriteStream): BenchListener {
  const terminal = stream.isTTY === true;
  let label = "";
  const show = (text: string) => {
    if (terminal) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}`);
  };
  return {
    started: (row, index, total, rounds) => {
      label = `[${index + 1}/${total}] ${row.name}`;
      if (!terminal) stream.write(`${label}: ${row.title}\n`);
      show(`${label}  warming up, then ${rounds} rounds`);
    },
    round: (done, rounds) => show(`${label}  round ${done}/${rounds}`),
    finished: () => show(""),
  };
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return console.log(HELP);
  if (options.list) {
    const rows = chosenRows(ROWS, options.only);
    const width = Math.max(...rows.map((row) => row.name.length));
    return console.log(rows.map((row) => `${row.name.padEnd(width)}  ${row.title}`).join("\n"));
  }
  const { machine, commit, peer, rows } = await runBench(ROWS, options, progress(process.stderr));
  const where = `${machine.cpu}, ${machine.threads} of ${machine.cores} cores, LibTorch ${machine.libtorch}, ${machine.platform}`;
  console.log([where, `commit ${commit ?? "unknown"}`, ...(peer === null ? [] : [`peer: ${peer}`]), ""].join("\n"));
  console.log(tableText(rows));
  if (options.json !== null) console.error(`written to ${options.json}`);
}

process.once("SIGINT", () => process.exit(130)); // between rounds; nothing is written before the end
try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(isGanDlError(error) ? error.message : error);
  process.exitCode = isGanDlError(error) ? 2 : 1;
}
