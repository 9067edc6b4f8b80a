import fc from "fast-check";
import { expect, it } from "vitest";
import { parseWellName } from "./well-name.ts";

it("places wells of 96- to 1536-well plates", () => {
  expect(parseWellName("A01")).toEqual({ row: 0, column: 0 });
  expect(parseWellName("h12")).toEqual({ row: 7, column: 11 });
  expect(parseWellName("Z47")).toEqual({ row: 25, column: 46 });
  expect(parseWellName("AE02")).toEqual({ row: 30, column: 1 });
});

it("gives every row of letters its own number, in plate order", () => {
  const letter = (i: number) => String.fromCharCode(65 + i);
  const name = (row: number) => (row < 26 ? letter(row) : letter(Math.floor(row / 26) - 1) + letter(row % 26));
  fc.assert(
    fc.property(fc.nat(701), fc.nat(98), (row, column) => {
      expect(parseWellName(`${name(row)}${String(column + 1).padStart(2, "0")}`)).toEqual({ row, column });
    }),
  );
});

it("says null for names that are no place on a plate", () => {
  for (const name of ["", "well 3", "12", "A", "A00", "A0", "ABC1", "A-1"])
    expect(parseWellName(name), name).toBeNull();
});
