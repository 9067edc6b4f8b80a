import { join } from "node:path";
import { expect, it } from "vitest";
import { listing, messageOf, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { checkSpace, PartialFolder } from "./partial-folder.ts";

const root = temporaryFolder();

it("a folder gets its name only when committed, and until then is beside it", async () => {
  const folder = join(root, "a");
  const partial = await PartialFolder.create(join(folder, "out"), false);
  writeFiles(partial.path, { x: "1" });
  expect(listing(folder)).toEqual([partial.path.slice(folder.length + 1)]);
  await partial.commit();
  await partial.discard();
  expect(listing(folder)).toEqual(["out"]);
  expect(listing(join(folder, "out"))).toEqual(["x"]);
});

it("of two imports into one place the second to finish is refused, and the first stays", async () => {
  const out = join(root, "b", "out");
  const [first, second] = [await PartialFolder.create(out, false), await PartialFolder.create(out, false)];
  expect(await second.leftovers()).toEqual([first.path.slice(join(root, "b").length + 1)]);
  writeFiles(first.path, { "dataset.json": "first" });
  writeFiles(second.path, { "dataset.json": "second" });
  await first.commit();
  await messageOf("dataset-exists", () => second.commit());
  await second.discard();
  expect(listing(join(root, "b"))).toEqual(["out"]);
});

it("a disk without room is refused before anything is written", async () => {
  await checkSpace(root, "out", 1);
  const message = await messageOf("no-space", () => checkSpace(root, "out", 1e18));
  expect(message).toMatch(
    /^out has [\d.]+ GB free; this import needs about 1000000000\.0 GB\.\n.*\n {2}fix: .*--resize, --channels or --limit/,
  );
});
