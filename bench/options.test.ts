import { isGanDlError } from "gan-dl/core";
import { describe, expect, it } from "vitest";
import { HELP, parseOptions } from "./options.ts";

function refusal(...args: string[]): string {
  try {
    parseOptions(args);
  } catch (error) {
    if (isGanDlError(error, "bad-argument")) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the bench's options", () => {
  it("have defaults", () => {
    expect(parseOptions([])).toEqual({
      ...{
        json: null,
        only: null,
        rounds: null,
        device: "cpu",
        precision: "float32",
        threads: 2,
        peer: null,
        python: "python3",
        peerVariant: "fastest",
        list: false,
        help: false,
      },
    });
  });

  it("are read", () => {
    const args =
      "--json a.json --only train/small --rounds 3 --threads 4 --peer dir --python py --peer-variant compile --list".split(
        " ",
      );
    expect(parseOptions(args)).toEqual({
      ...{
        json: "a.json",
        only: "train/small",
        rounds: 3,
        device: "cpu",
        precision: "float32",
        threads: 4,
        peer: "dir",
        python: "py",
        peerVariant: "compile",
        list: true,
        help: false,
      },
    });
    expect(parseOptions(["--help"]).help).toBe(true);
    expect(parseOptions(["--device", "cuda:1"]).device).toBe("cuda:1");
    expect(parseOptions(["--precision", "bfloat16"]).precision).toBe("bfloat16");
  });

  it("refuse what they do not know, with what to do", () => {
    expect(refusal("--ronds", "3")).toContain("'--ronds'");
    expect(refusal("train/small")).toContain("train/small");
    expect(refusal("--rounds")).toContain("--rounds");
    expect(refusal("--rounds", "0")).toContain("--rounds 0 is not a whole number from 1 on.");
    expect(refusal("--threads", "two")).toContain("--threads two is not a whole number from 1 on.");
    expect(refusal("--python", "python3")).toContain("--python is of use with --peer alone.");
    expect(refusal("--peer-variant", "plain")).toContain("--peer-variant is of use with --peer alone.");
    expect(refusal("--peer", "dir", "--peer-variant", "quick")).toContain(
      "--peer-variant quick is none of fastest, plain, channels-last, compile.",
    );
    expect(refusal("--device", "gpu")).toContain("--device gpu is neither cpu nor cuda:0, cuda:1, ….");
    expect(parseOptions(["--device", "cuda:0", "--precision", "bfloat16", "--peer", "dir"]).peer).toBe("dir");
    expect(refusal("--precision", "bfloat16", "--peer", "dir")).toContain(
      "--peer runs in float32 on the CPU; in mixed precision on a card, with --device cuda:0.",
    );
    expect(refusal("--precision", "half")).toContain("--precision half is neither float32 nor bfloat16.");
    expect(refusal("--python", "python3")).toContain(
      "fix: `npm run bench -- --help` shows the options with an example.",
    );
  });

  it("are all in the help text, with an example", () => {
    for (const name of Object.keys(parseOptions([])).filter((name) => name !== "help"))
      expect(HELP).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    expect(HELP).toContain("Example: npm run bench --");
  });
});
