import { expect, it } from "vitest";
import { fail, guarded, pass, renderChecks, warning } from "./check.ts";

it("a thrown error becomes a failure with its first line and the fix", async () => {
  const check = await guarded("DuckDB", "npm ci", () => {
    throw new Error("no binary\n at line 3");
  });
  expect(check).toEqual(fail("DuckDB", "no binary", "npm ci"));
});

it("renders marks, fixes and a verdict that counts what is wrong", () => {
  expect(renderChecks([pass("Node", "v20"), warning("disk", "1 GB free", "free some")])).toBe(
    "✓ Node  v20\n! disk  1 GB free\n        fix: free some\n\nReady, with 1 warning.",
  );
  expect(renderChecks([fail("a", "b", "c"), pass("d", "e")])).toContain("1 of 2 checks failed.");
  expect(renderChecks([pass("a", "b")])).toMatch(/Ready\.$/);
});
