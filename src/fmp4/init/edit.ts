import { type Box, findBox, needBody, readUint64 } from '../boxes/box.ts'

/** How a track lies on the timeline of its movie. */
export interface Edit {
  /** Nothing is shown for so long, in units of the movie's timescale. */
  readonly delay: number
  /** What is shown then, in units of the track's timescale. */
  readonly mediaTime: number
}

const EMPTY = -1

/** Reads the start of an edit list (ISO/IEC 14496-12, 8.6.6): one empty edit and what comes behind it. */
export function readEdit(view: DataView, trak: Box): Edit {
  const elst = findBox(view, trak, ['edts', 'elst'])
  if (!elst) return { delay: 0, mediaTime: 0 }
  needBody(elst, 8)
  const wide = view.getUint8(elst.body) === 1
  const entryBytes = wide ? 20 : 12
  const count = Math.min(view.getUint32(elst.body + 4), 2)
  needBody(elst, 8 + count * entryBytes)
  let delay = 0
  for (let i = 0; i < count; i++) {
    const at = elst.body + 8 + i * entryBytes
    const duration = wide ? readUint64(view, at) : view.getUint32(at)
    const mediaTime = wide ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4)
    if (mediaTime !== EMPTY) return { delay, mediaTime: Math.max(0, mediaTime) }
    delay += duration
  }
  return { delay, mediaTime: 0 }
}
