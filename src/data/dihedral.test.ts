import { expect, it } from "vitest";
import { copyTurned, DIHEDRAL_COUNT } from "./dihedral.ts";

/** A 3 × 3 square inside a 4-wide plane, turned by `element`. */
function turned(element: number): string {
  const plane = Uint8Array.of(9, 9, 9, 9, 9, 1, 2, 3, 9, 4, 5, 6, 9, 7, 8, 0);
  const out = new Uint8Array(10);
  copyTurned(plane, 4, 1, 1, 3, element, out, 1);
  return [...out].join("");
}

it("gives the eight images of a square, each as its bits say", () => {
  expect(turned(0)).toBe("0123456780");
  expect(turned(1)).toBe("0321654087");
  expect(turned(2)).toBe("0780456123");
  expect(turned(3)).toBe("0087654321");
  expect(turned(4)).toBe("0147258360");
  const all = Array.from({ length: DIHEDRAL_COUNT }, (_, i) => turned(i));
  expect(new Set(all).size).toBe(8);
  expect(all.map((text) => [...text].sort().join(""))).toEqual(Array(8).fill("0012345678"));
});

it("are a group: the quarter turn, four times, is the image itself", () => {
  let square = Uint8Array.of(1, 2, 3, 4);
  const seen = [square.join("")];
  for (let i = 0; i < 4; i++) {
    const next = new Uint8Array(4);
    copyTurned(square, 2, 0, 0, 2, 5, next, 0);
    square = next;
    seen.push(square.join(""));
  }
  expect(seen[4]).toBe(seen[0]);
  expect(new Set(seen).size).toBe(4);
});
