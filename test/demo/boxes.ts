/** A deliberately plain reader for looking at what the stand-in wrote: whole buffers, no limits. */
export interface SeenBox {
  readonly type: string
  readonly content: Buffer
}

export function boxesOf(bytes: Buffer): SeenBox[] {
  const found: SeenBox[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) break
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return found
}

export function find(content: Buffer, ...path: readonly string[]): Buffer {
  return path.reduce((inside, type) => {
    const match = boxesOf(inside).find(box => box.type === type)
    if (!match) throw new Error(`no ${type}`)
    return match.content
  }, content)
}

export interface SeenFragment {
  readonly track: number
  readonly decodeTime: number
  readonly duration: number
  readonly sync: boolean
  readonly data: Buffer
}

export function fragmentsOf(bytes: Buffer): SeenFragment[] {
  const all = boxesOf(bytes)
  return all.flatMap(({ type, content }, index) => {
    const mdat = all[index + 1]
    if (type !== 'moof' || mdat?.type !== 'mdat') return []
    const header = find(content, 'traf', 'tfhd')
    return [
      {
        track: header.readUInt32BE(4),
        duration: header.readUInt32BE(8),
        decodeTime: Number(find(content, 'traf', 'tfdt').readBigUInt64BE(4)),
        sync: (header.readUInt32BE(16) & 0x10000) === 0,
        data: mdat.content,
      },
    ]
  })
}
