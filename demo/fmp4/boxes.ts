/** A box of a file that is trusted: one of ours, or what is being measured. Nothing here guards against a camera. */
export interface Box {
  readonly type: string
  /** Where the whole box starts, header included. */
  readonly start: number
  readonly content: Buffer
}

/** The boxes of `bytes`, which lie at `base` in their file. Throws on one that does not end where it should. */
export function boxes(bytes: Buffer, base = 0): Box[] {
  const found: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${base + at}`)
    found.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      start: base + at,
      content: bytes.subarray(at + 8, at + size),
    })
    at += size
  }
  return found
}

export const children = (parent: Box): Box[] => boxes(parent.content, parent.start + 8)
export const child = (parent: Box, type: string): Box => only(children(parent), type)
export const descendant = (top: Box, ...path: readonly string[]): Box => path.reduce(child, top)

/** The first one of that type, or the first one at all. */
export function only(found: readonly Box[], type = found[0]?.type): Box {
  const match = found.find(candidate => candidate.type === type)
  if (!match) throw new Error(`no ${type ?? 'box'}`)
  return match
}
