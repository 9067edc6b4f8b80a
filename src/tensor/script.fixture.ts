// A TorchScript archive written by hand (PyTorch's own format: a zip of Python source and pickles), so that tests need no Python.
import { writeFileSync } from "node:fs";
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

const text = (value: string) => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from("X"), length, bytes]);
};

/** The pickle of one `__torch__.Net` whose only attribute says that it is in training mode. */
const NET = Buffer.concat([
  Buffer.from("\x80\x02c__torch__\nNet\n)\x81}(", "latin1"),
  text("training"),
  Buffer.from("\x88ub.", "latin1"),
]);

/**
 * Writes a module without weights whose forward has this body.
 * @param body lines of TorchScript that end in a return. @param parameters of forward after self.
 */
export async function writeTorchScript(
  file: string,
  body: readonly string[],
  parameters = "x: Tensor",
): Promise<string> {
  const code = [
    "class Net(Module):",
    "  __parameters__ = []",
    "  __buffers__ = []",
    "  training : bool",
    `  def forward(self: __torch__.Net, ${parameters}) -> Tensor:`,
    ...body.map((line) => `    ${line}`),
    "",
  ].join("\n");
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0, dataDescriptor: false, useWebWorkers: false });
  await zip.add("net/data.pkl", new Uint8ArrayReader(NET));
  await zip.add("net/code/__torch__.py", new TextReader(code));
  await zip.add("net/constants.pkl", new Uint8ArrayReader(Buffer.from("\x80\x02).", "latin1")));
  await zip.add("net/version", new TextReader("3\n"));
  writeFileSync(file, await zip.close());
  return file;
}
