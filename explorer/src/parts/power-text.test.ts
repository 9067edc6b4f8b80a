import { expect, it } from "vitest";
import { powerText } from "./power-text.ts";

it("writes powers of ten as people do", () => {
  expect(powerText(0.0007, 1)).toBe("7.0 × 10⁻⁴");
  expect(powerText(-123456, 0)).toBe("−1 × 10⁵");
  expect(powerText(1e-12, 0)).toBe("10⁻¹²");
});
