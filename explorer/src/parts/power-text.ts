// Very small and very large numbers as people write them, as the report does.

const SUPERSCRIPT: Readonly<Record<string, string>> = Object.fromEntries(
  [..."0123456789-"].map((digit, i) => [digit, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"[i]!]),
);

/** `7.0 × 10⁻⁴` with `decimals` after the first digit; a lone 1 is left out: `10⁵`. */
export function powerText(value: number, decimals: number): string {
  const [digits = "", exponent = "0"] = value.toExponential(decimals).split("e");
  const power = `10${[...String(Number(exponent))].map((c) => SUPERSCRIPT[c] ?? c).join("")}`;
  return digits === "1" ? power : `${digits.replace("-", "−")} × ${power}`;
}
