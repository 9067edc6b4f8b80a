// The measures of every stored field, channel by channel, in flat memory that can be saved and read back.
import type { PlaneMeasure } from "./measure-plane.ts";

/** The numbers of a {@link PlaneMeasure} that are kept, in stored order. */
export const MEASURES = ["mean", "sd", "structure", "focus", "max", "atMax"] as const;
export type MeasureName = (typeof MEASURES)[number];

const HASH_BYTES = 8;
const FIELD_BYTES = 4;

/** Measures of fields in the order in which they were added: 32 bytes a field and channel. */
export class SiteMeasures {
  readonly nChannels: number;
  #bytes = Buffer.alloc(1024);
  #n = 0;

  constructor(nChannels: number) {
    this.nChannels = nChannels;
  }

  /** Bytes of one field. */
  get recordBytes(): number {
    return this.nChannels * (MEASURES.length * FIELD_BYTES + HASH_BYTES);
  }

  /** Fields added. */
  get n(): number {
    return this.#n;
  }

  /** Adds a field: one measure a channel. */
  add(field: readonly PlaneMeasure[]): void {
    this.#grow((this.#n + 1) * this.recordBytes);
    let at = this.#n * this.recordBytes;
    for (const plane of field) {
      for (const name of MEASURES) at = this.#bytes.writeFloatLE(plane[name], at);
      at = this.#bytes.writeBigUInt64LE(plane.hash, at);
    }
    this.#n++;
  }

  /** One number of one field and channel. */
  get(field: number, channel: number, name: MeasureName): number {
    return this.#bytes.readFloatLE(this.#place(field, channel) + MEASURES.indexOf(name) * FIELD_BYTES);
  }

  hash(field: number, channel: number): bigint {
    return this.#bytes.readBigUInt64LE(this.#place(field, channel) + MEASURES.length * FIELD_BYTES);
  }

  /** The saved form of the fields from `from` on: a view, valid until the next is added. */
  bytesFrom(from: number): Buffer {
    return this.#bytes.subarray(from * this.recordBytes, this.#n * this.recordBytes);
  }

  /** Adds fields in their saved form. */
  load(saved: Buffer): void {
    this.#grow(this.#n * this.recordBytes + saved.length);
    saved.copy(this.#bytes, this.#n * this.recordBytes);
    this.#n += Math.floor(saved.length / this.recordBytes);
  }

  #place(field: number, channel: number): number {
    return field * this.recordBytes + channel * (MEASURES.length * FIELD_BYTES + HASH_BYTES);
  }

  #grow(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(bytes, 2 * this.#bytes.length));
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}
