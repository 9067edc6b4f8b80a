// JPEG by the browser's decoder, without its colour management.

/** @throws DOMException for what is no image. */
export async function decodeJpeg(bytes: Uint8Array) {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "image/jpeg" });
  const bitmap = await createImageBitmap(blob, {
    colorSpaceConversion: "none",
    imageOrientation: "none" as "from-image",
  });
  const { width: widthPx, height: heightPx } = bitmap;
  const context = new OffscreenCanvas(widthPx, heightPx).getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  context.drawImage(bitmap, 0, 0);
  return { rgba: context.getImageData(0, 0, widthPx, heightPx).data, widthPx, heightPx };
}
