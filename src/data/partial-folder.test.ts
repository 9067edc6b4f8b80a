import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listing, messageOf, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { checkSpace, PartialFolder } from "./partial-folder.ts";

const root = temporaryFolder();

it("a folder gets its name only when committed, and until then is beside it", async () => {
  const folder = join(root, "a");
  const partial = await PartialFolder.open(join(folder, "out"), false, "abc");
  writeFiles(partial.path, { x: "1" });
  expect(listing(folder)).toEqual([partial.path.slice(folder.length + 1)]);
  await partial.commit();
  await partial.discard();
  expect(listing(folder)).toEqual(["out"]);
  expect(listing(join(folder, "out"))).toEqual(["x"]);
});

it("of two imports into one place the second to finish is refused, and the first stays", async () => {
  const out = join(root, "b", "out");
  const [first, second] = [await PartialFolder.open(out, false, "one"), await PartialFolder.open(out, false, "two")];
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

it("is found again by the same import once its process is gone, and is nobody else's while it lives", async () => {
  const out = join(root, "c", "out");
  const first = await PartialFolder.open(out, false, "key");
  writeFiles(first.path, { x: "half" });
  const message = await messageOf("import-running", () => PartialFolder.open(out, false, "key"));
  expect(message).toContain(`already running (process ${process.pid} on `);
  writeFiles(first.path, { lock: `{"pid":999999999,"host":"${hostname()}"}` });
  const second = await PartialFolder.open(out, false, "key");
  expect(listing(second.path)).toEqual(["lock", "x"]);
  await second.keep();
  expect(listing(second.path)).toEqual(["x"]);
  writeFiles(first.path, { lock: "" }); // killed while it wrote the lock
  const third = await PartialFolder.open(out, false, "key");
  await third.clear();
  expect(listing(third.path)).toEqual(["lock"]);
  await third.discard();
  writeFiles(first.path, { lock: '{"pid":1,"host":"another"}' });
  await messageOf("import-running", () => PartialFolder.open(out, false, "key"));
});
