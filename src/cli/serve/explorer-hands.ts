// What the explorer's server cannot do by itself: drawing by a generator, and reading a compound's images.
import type { CatalogueOfFolders, ServerHands } from "../../server/index.ts";
import { CompoundGallery } from "./compound-gallery.ts";
import { ImageDrawer } from "./draw-images.ts";

/** Holds a generator and open data sets; `close()` it after the server. */
export class ExplorerHands {
  readonly #drawer = new ImageDrawer();
  #gallery: CompoundGallery | null = null;

  /** The hands for what a catalogue finds. */
  of(catalogue: CatalogueOfFolders): ServerHands {
    const gallery = new CompoundGallery(async () =>
      (await catalogue.all()).flatMap(({ entry, path }) => (entry.kind === "dataset" ? [path] : [])),
    );
    this.#gallery = gallery;
    return {
      drawImages: (folder, request, signal) => this.#drawer.draw(folder, request, signal),
      imagesOfTreatment: (treatment, perGroup, signal) => gallery.imagesOf(treatment, perGroup, signal),
    };
  }

  close(): void {
    this.#drawer.close();
    this.#gallery?.close();
  }
}
