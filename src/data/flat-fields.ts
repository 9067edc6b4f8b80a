// The flat fields of one import: given ones applied as images come, estimated ones when all have come.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Illumination } from "../schema/dataset.ts";
import type { GivenFlatFields } from "./given-flat-fields.ts";
import { applyGains, estimateFlatField, type FlatField, gainsOf } from "./illumination.ts";
import { floatNpy } from "./npy-float.ts";
import type { PlateGains } from "./pixel-store.ts";
import type { PlateLedger } from "./plate-ledger.ts";
import type { PreparedImport } from "./prepare-import.ts";
import type { Pixels } from "./shards.ts";

const FOLDER = "illumination";

/** Flat fields by plate; only the plate at hand is kept at full size. */
export class FlatFields {
  readonly #root: string;
  readonly #prepared: PreparedImport;
  readonly #given: GivenFlatFields | null;
  readonly #ledger: PlateLedger;
  #current: { plate: number; gains: readonly Float32Array[] } | null = null;

  constructor(root: string, prepared: PreparedImport, given: GivenFlatFields | null, ledger: PlateLedger) {
    this.#root = root;
    this.#prepared = prepared;
    this.#given = given;
    this.#ledger = ledger;
  }

  /** Divides `image` by the given fields of its plate, in place; does nothing when none are given. */
  async applyGiven(plate: number, image: Pixels): Promise<void> {
    if (this.#given === null) return;
    const { heightPx, widthPx } = this.#prepared.spec.decoded;
    const size = heightPx * widthPx;
    for (const [c, gains] of (await this.#gains(plate)).entries())
      applyGains(image.subarray(c * size, (c + 1) * size), gains);
  }

  /** The factors of each plate, estimated from its mean images; null when that was not asked for. */
  async estimate(): Promise<PlateGains | null> {
    return this.#prepared.spec.estimatesLight ? (plate) => this.#gains(plate) : null;
  }

  /** Writes the fields of every plate as `illumination/00000.npy …`. */
  async write(ledger: PlateLedger): Promise<Illumination | null> {
    const isEstimated = this.#prepared.spec.estimatesLight;
    if (!isEstimated && this.#given === null) return null;
    await mkdir(join(this.#root, FOLDER), { recursive: true });
    const plates: Illumination["plates"] = [];
    for (const plate of ledger.plates) {
      const fields = await this.#fields(plate);
      const [{ heightPx, widthPx }] = fields as [FlatField];
      const file = `${FOLDER}/${String(plate).padStart(5, "0")}.npy`;
      const values = fields.flatMap((field) => [...field.values]);
      await writeFile(join(this.#root, file), floatNpy(values, [fields.length, heightPx, widthPx]));
      const { nImages } = await ledger.plate(plate);
      plates.push({ plateId: this.#prepared.spec.plateIds[plate]!, file, nImages });
    }
    return { kind: isEstimated ? "estimated" : "given", plates };
  }

  async #gains(plate: number): Promise<readonly Float32Array[]> {
    if (this.#current?.plate !== plate) {
      const { heightPx, widthPx } = this.#prepared.spec.decoded;
      const gains = (await this.#fields(plate)).map((field) => gainsOf(field, heightPx, widthPx));
      this.#current = { plate, gains };
    }
    return this.#current.gains;
  }

  async #fields(plate: number): Promise<readonly FlatField[]> {
    const { decoded } = this.#prepared.spec;
    if (this.#given !== null) {
      const { site } = this.#prepared.plan.sites[this.#prepared.plateOf.indexOf(plate)]!;
      return this.#given.of(site, decoded.heightPx, decoded.widthPx);
    }
    const { nImages, sums } = await this.#ledger.plate(plate);
    const { heightPx, widthPx } = this.#ledger.form.reduced!;
    return sums.map((sum) =>
      estimateFlatField(
        sum.map((v) => v / nImages),
        heightPx,
        widthPx,
      ),
    );
  }
}
