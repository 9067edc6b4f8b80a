// What the explorer's server cannot do by itself: drawing by a generator, and reading a compound's images.
import type { CatalogueOfFolders, ServerHands } from "../../server/index.ts";
import { CompoundGallery } from "./compound-gallery.ts";
import { ImageDrawer } from "./draw-images.ts";

/** Holds a generator and open data sets; `close()` it after the server. */
export class ExplorerHands {
  #drawer: ImageDrawer | null = null;
  #gallery: CompoundGallery | null = null;

  /** The hands for what a catalogue finds. */
  of(catalogue: CatalogueOfFolders): ServerHands {
    const gallery = new CompoundGallery(async () =>
      (await catalogue.all()).flatMap(({ entry, path }) => (entry.kind === "dataset" ? [path] : [])),
    );
    const drawer = new ImageDrawer(async (fingerprint) => {
      const found = (await catalogue.all()).find((f) => f.entry.kind === "dataset" && f.fingerprint === fingerprint);
      return found?.path ?? null;
    });
    this.#gallery = gallery;
    this.#drawer = drawer;
    return {
      drawImages: (folder, request, signal) => drawer.draw(folder, request, signal),
      conditionsOf: (folder) => drawer.conditionsOf(folder),
      imagesOfTreatment: (treatment, perGroup, signal) => gallery.imagesOf(treatment, perGroup, signal),
    };
  }

  close(): void {
    this.#drawer?.close();
    this.#gallery?.close();
  }
}
