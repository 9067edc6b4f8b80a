// Names of channels as files give them, made fit for a data set: none empty, no two alike.

/** `channels` with a number behind names that come again. */
export function uniqueChannels(
  channels: readonly { readonly name: string; readonly stain?: string | null }[],
): { name: string; stain: string }[] {
  const taken = new Set<string>();
  return channels.map(({ name, stain }, i) => {
    const base = name.trim() || `channel ${i + 1}`;
    let free = base;
    for (let n = 2; taken.has(free); n++) free = `${base} ${n}`;
    taken.add(free);
    return { name: free, stain: stain?.trim() || free };
  });
}
