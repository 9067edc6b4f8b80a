// Texts that no other test of this room meets word by word.
import { describe, expect, it } from "vitest";
import {
  badConfig,
  badOverride,
  cannotWrite,
  configChanged,
  datasetChanged,
  diverged,
  noCheckpoint,
  noRun,
  runExists,
  runLocked,
} from "./errors.ts";

describe("every error says what, why and how to mend it", () => {
  for (const [error, code, pattern] of [
    [
      badConfig("a.json", "seed: no"),
      "bad-config",
      /a\.json is not a training conf.*\n.*seed: no\n.*gandl train --help/,
    ],
    [badOverride("x", "no '='."), "bad-override", /--set x cannot.*\n.*no '='\.\n.*schedule\.batchSize=16/],
    [runExists("runs/a"), "run-exists", /runs\/a already holds a run.*\n.*mix two runs.*\n.*--resume.*--out/],
    [noRun("runs/a"), "no-run", /runs\/a holds no run.*\n.*config\.resolved\.json.*\n.*leave --resume out/],
    [noCheckpoint("runs/a", []), "no-checkpoint", /no whole checkpoint.*\n.*before it wrote one.*\n.*another folder/],
    [noCheckpoint("runs/a", ["k.safetensors"]), "no-checkpoint", /not whole: k\.safetensors/],
    [
      configChanged("runs/a", ["seed", "loss.r1Gamma"]),
      "config-changed",
      /another configuration: seed, loss\.r1Gamma\.\n.*unbroken.*\n.*start a new run/,
    ],
    [
      datasetChanged("runs/a"),
      "dataset-changed",
      /another data set.*\n.*fingerprints differ.*\n.*import the same data/,
    ],
    [
      runLocked("runs/a", 42, "box"),
      "run-locked",
      /process 42 on box is training in runs\/a.*\n.*overwrite.*\n.*delete run\.lock/,
    ],
    [
      cannotWrite("runs/a/x", new Error("ENOSPC")),
      "cannot-write",
      /runs\/a\/x could not be written.*\n.*ENOSPC\. Earlier checkpoints are whole.*\n.*disk space/,
    ],
    [
      diverged(100, "generator: mapping.0.weight"),
      "diverged",
      /100 steps in a row.*mapping\.0\.weight.*\n.*diverged.*\n.*learningRate/,
    ],
  ] as const)
    it(code, () => {
      expect(error.code).toBe(code);
      expect(error.message).toMatch(pattern);
    });
});
