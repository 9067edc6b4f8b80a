// The files beside the page.
import { EncoderPage } from "../../../src/schema/encoder-page.ts";
import { wellRows } from "./compare-image.ts";
import { pageBroken } from "./errors.ts";

/** What an image is compared with. */
export interface Reference {
  readonly page: EncoderPage;
  /** `[wells, f]` */
  readonly rows: Float32Array;
}

/** Reads `reference.json` and `reference.bin`. @throws GanDlError `page-broken`. */
export async function loadReference(base: string): Promise<Reference> {
  const response = await fetched("reference.json", base);
  const parsed = EncoderPage.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw pageBroken("reference.json", "it does not have the expected form.", parsed.error);
  const bytes = await (await fetched("reference.bin", base)).arrayBuffer();
  try {
    return { page: parsed.data, rows: wellRows(parsed.data, new Uint16Array(bytes)) };
  } catch (cause) {
    throw pageBroken("reference.bin", "it does not have as many values as reference.json says.", cause);
  }
}

async function fetched(file: string, base: string): Promise<Response> {
  const response = await fetch(new URL(file, base)).catch((cause: unknown) => {
    throw pageBroken(
      file,
      "it cannot be fetched; browsers fetch nothing beside a page that was opened as a file.",
      cause,
    );
  });
  if (!response.ok) throw pageBroken(file, `the server answers ${response.status}.`);
  return response;
}
