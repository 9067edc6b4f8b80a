import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { messageOf, temporaryFolder } from "./files.fixture.ts";
import { NPY_HEADER_BYTES, npyHeader, parseNpyHeader } from "./npy.ts";

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

describe("npy headers", () => {
  it("are the bytes that the format prescribes", () => {
    const text = Buffer.from(npyHeader("uint16", [3, 5, 64, 32])).toString("latin1");
    const dict = "{'descr': '<u2', 'fortran_order': False, 'shape': (3, 5, 64, 32), }";
    expect(text).toBe(`\x93NUMPY\x01\x00\x76\x00${dict.padEnd(NPY_HEADER_BYTES - 11)}\n`);
  });

  it("come back as they were written", () => {
    const shapes = fc.array(fc.nat(2 ** 31), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom("uint8" as const, "uint16" as const), shapes, (dtype, shape) => {
        const want = { dtype, shape, dataOffset: NPY_HEADER_BYTES };
        expect(parseNpyHeader(npyHeader(dtype, shape), "a.npy")).toEqual(want);
      }),
    );
  });

  it.skipIf(!hasNumpy)("are read by NumPy, values and all", () => {
    const file = join(temporaryFolder(), "a.npy");
    const values = Uint16Array.of(1, 256, 65535, 4, 5, 6);
    writeFileSync(file, Buffer.concat([npyHeader("uint16", [1, 2, 3, 1]), Buffer.from(values.buffer)]));
    const script =
      "import sys,numpy as n; a=n.load(sys.argv[1],mmap_mode='r'); print(a.dtype,a.shape,a.ravel().tolist())";
    const said = execFileSync("python3", ["-c", script, file], { encoding: "utf8" });
    expect(said.trim()).toBe("uint16 (1, 2, 3, 1) [1, 256, 65535, 4, 5, 6]");
  });

  it("of other kinds are refused in words", async () => {
    const changed = (from: string, to: string) =>
      Buffer.from(
        Buffer.from(npyHeader("uint8", [2]))
          .toString("latin1")
          .replace(from, to),
        "latin1",
      );
    const why = (bytes: Uint8Array) => messageOf("damaged-dataset", () => parseNpyHeader(bytes, "s/0.npy"));
    expect(await why(Buffer.from("PNG"))).toContain(
      "s/0.npy is damaged: it is not a .npy file that can be read: it does not begin as one.",
    );
    expect(await why(changed("|u1", "<f4"))).toContain('its values are "<f4"');
    expect(await why(changed("False", "True "))).toContain("not in C order");
    expect(await why(changed("'shape'", "'shade'"))).toContain("no shape");
    expect(await why(changed("\x01\x00", "\x02\x00"))).toContain("its version is 2");
  });

  it("that are cut or scrambled are refused, never misread or crashed on", () => {
    const header = npyHeader("uint8", [7, 3, 64, 64]);
    fc.assert(
      fc.property(fc.nat(NPY_HEADER_BYTES - 1), (length) => {
        expect(() => parseNpyHeader(header.subarray(0, length), "a")).toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          parseNpyHeader(bytes, "a");
        } catch (error) {
          expect(isGanDlError(error, "damaged-dataset")).toBe(true);
        }
      }),
    );
  });
});
