// The words of the errors that no test beside their cause quotes in full.
import { expect, it } from "vitest";
import * as errors from "./errors.ts";
import * as formatErrors from "./errors-formats.ts";
import * as importErrors from "./errors-import.ts";
import * as remoteErrors from "./errors-remote.ts";

it("a zip that cannot be read says how to check it", () => {
  expect(errors.badZip("a.zip", "End of central directory not found").message).toBe(
    "a.zip is not a zip file that can be read whole: End of central directory not found\n" +
      "  why: its directory or an entry is damaged, or uses a feature that this reader refuses.\n" +
      "  fix: download or copy it again, test it with `unzip -t`, or unpack it and pass the folder.",
  );
});

it("small needs are told in gigabytes that are not zero", () => {
  expect(errors.noSpace("out", 5e6, 2.5e9).message).toMatch(
    /^out has 2\.5 GB free; this import needs about 0\.005 GB\./,
  );
});

it("long lists are cut, and say by how much", () => {
  const plates = Array.from({ length: 45 }, (_, i) => `P${i}`);
  expect(errors.unknownPlates(["X"], plates).message).toContain("P39 and 5 more.");
});

it("a lower error is kept, and its first line told", () => {
  const cause = new Error("EACCES: permission denied\n  at stack");
  const error = errors.cannotWrite("out", cause);
  expect(error.cause).toBe(cause);
  expect(error.message).toMatch(/^out cannot be written: EACCES: permission denied\n {2}why: /);
});

const ONE_OF_EACH = {
  badStack: formatErrors.badStack("a.tif", "it is a film"),
  zNotChosen: formatErrors.zNotChosen("a.tif", 3),
  badZ: formatErrors.badZ("a.tif", 4, 3),
  noJpeg2000: formatErrors.noJpeg2000("a.jp2"),
  badPlate: formatErrors.badPlate("a.zarr", "it is no JSON"),
  badLevel: formatErrors.badLevel("a.zarr", 3, 2),
  notThisLayout: formatErrors.notThisLayout("a", "ome-zarr"),
  mixedChannels: formatErrors.mixedChannels("b", ["a"], ["c"], "d"),
  badLoadData: formatErrors.badLoadData("a.csv", "no column names images"),
  sourceNotFound: errors.sourceNotFound("a", "a table"),
  badZip: errors.badZip("a.zip", "cut"),
  unsafePath: errors.unsafePath("a.zip", "../x"),
  fileNotInSource: errors.fileNotInSource("a.zip", "x.png"),
  badTable: errors.badTable("t.csv", "it is empty."),
  unknownColumn: errors.unknownColumn("t.csv", ["a"], ["b"]),
  unknownDataset: errors.unknownDataset("a", ["b"]),
  undetectedDataset: errors.undetectedDataset("a", ["b"], ["c"]),
  noMetadata: errors.noMetadata("a", ["metadata.csv"]),
  unknownChannel: errors.unknownChannel(["a"], ["b"]),
  noChannels: errors.noChannels(),
  repeatedChannel: errors.repeatedChannel("a"),
  badTemplate: errors.badTemplate("{", "a brace is not closed."),
  badCell: errors.badCell("t.csv", 1, "well", null, "a value"),
  duplicateSite: errors.duplicateSite("t.csv", "s", 1, 2),
  noSites: errors.noSites("a", "its metadata has no rows."),
  missingImages: errors.missingImages(
    "a",
    { missingFiles: 1, files: 2, missingSites: 1, sites: 2 },
    ["Mock: 1"],
    ["x"],
  ),
  unreadableImage: errors.unreadableImage("x.png", "cut."),
  unsupportedImage: errors.unsupportedImage("x.png", "a jpeg"),
  imageMismatch: errors.imageMismatch("x.png", "1 × 1", "2 × 2", "y.png"),
  wrongChannelCount: errors.wrongChannelCount("x.png", 3, 1),
  badResize: errors.badResize(9, 2, 3),
  datasetExists: errors.datasetExists("out"),
  notADataset: errors.notADataset("out"),
  damagedDataset: errors.damagedDataset("out", "a shard is missing."),
  noSpace: errors.noSpace("out", 2, 1),
  cannotWrite: errors.cannotWrite("out", "full"),
  importAborted: errors.importAborted("out"),
  imagesTooSmall: errors.imagesTooSmall(1, 2, 4),
  unknownPlates: errors.unknownPlates(["a"], ["b"]),
  noTrainingImages: errors.noTrainingImages("a"),
  badSamplerState: errors.badSamplerState("the data set is another"),
  badWhere: importErrors.badWhere("plat = 1", "no column plat.", ["plate"]),
  nothingSelected: importErrors.nothingSelected("plate = 9", 12),
  unknownFields: importErrors.unknownFields(["7"], ["1", "2"]),
  badCount: importErrors.badCount("--limit", 0),
  badFlatField: importErrors.badFlatField("a.npy", "it is no .npy file"),
  noFlatField: importErrors.noFlatField("light", ["DNA.npy"]),
  badLevels: importErrors.badLevels("the levels 5 and 1 do not rise."),
  importRunning: importErrors.importRunning("out.partial-1", 12, "lab"),
  remoteRefused: remoteErrors.remoteRefused("https://a/b.zip", 404, "Not Found"),
  remoteFailed: remoteErrors.remoteFailed("https://a/b.zip", "reset", 7),
  noRangeSupport: remoteErrors.noRangeSupport("https://a/b.zip", "it sends the whole file"),
  remoteChanged: remoteErrors.remoteChanged("https://a/b.zip"),
  notAZipAddress: remoteErrors.notAZipAddress("https://a/b.tar"),
};

it("every error says what, why and how to mend it, each in whole sentences", () => {
  const all = { ...errors, ...formatErrors, ...importErrors, ...remoteErrors };
  const constructors = Object.keys(all).filter((name) => name !== "firstLine");
  expect(Object.keys(ONE_OF_EACH).sort()).toEqual(constructors.sort());
  for (const [name, error] of Object.entries(ONE_OF_EACH)) {
    expect(error.message, name).toMatch(/^\S.+\n {2}why: \S[\s\S]+\n {2}fix: \S.+\.$/);
    expect(error.message, name).not.toMatch(/undefined|null|\[object|\.\.(?!\/|`|\d)/);
  }
});
