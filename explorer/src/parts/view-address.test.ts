import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readView, writeView } from "./view-address.ts";

const place = fc.double({ min: -1e4, max: 1e4, noNaN: true });
const scale = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

describe("a view in the address", () => {
  it("comes back to six digits, and needs no escape", () => {
    fc.assert(
      fc.property(place, place, scale, (...view) => {
        const text = writeView(view);
        expect(new URLSearchParams({ view: text }).toString().replace(/%2B/g, "+")).toBe(`view=${text}`);
        const back = readView(text)!;
        for (const [i, value] of view.entries())
          expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value));
      }),
    );
  });

  it.each([undefined, "", "1_2", "1_2_3_4", "a_b_c", "1_2_0", "1_2_-1", "1__3", "1_2_Infinity"])(
    "is none in %j",
    (text) => {
      expect(readView(text)).toBeNull();
    },
  );
});
