// Answers that are made as they are read: a slow reader holds one piece, one that went away ends the work.

/**
 * A body of the pieces, each made when the reader has taken the one before; the generator is ended when the reader goes.
 * @param stop fired when the reader goes: a generator that waits for something hears of its end by that alone.
 */
export function bodyOf(pieces: AsyncGenerator<Uint8Array>, stop?: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        stop?.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 }, // nothing is made ahead
  );
}

/** What a slow reader makes the server hold. */
export const PIECE_BYTES = 2 ** 18;

/** Views of `bytes`, none longer than a piece: many readers share one memory. */
export async function* viewsOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
