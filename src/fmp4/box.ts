import { BoxMissing, BoxOverrun, BoxTooSmall } from './errors.ts'

/** A box inside a byte view: `start` is its first byte, `body` its first byte after the header, `end` one past its last. */
export interface Box {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly end: number
}

/** Four-character codes as the numbers they are on the wire. */
export function fourcc(code: string): number {
  return (
    ((code.charCodeAt(0) << 24) |
      (code.charCodeAt(1) << 16) |
      (code.charCodeAt(2) << 8) |
      code.charCodeAt(3)) >>>
    0
  )
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A 64-bit number as a double: exact up to 2^53, which is far beyond every size and time that is accepted. */
export function readUint64(view: DataView, offset: number): number {
  return view.getUint32(offset) * 0x1_0000_0000 + view.getUint32(offset + 4)
}

export function writeUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / 0x1_0000_0000))
  view.setUint32(offset + 4, value % 0x1_0000_0000)
}

export function readType(view: DataView, offset: number): string {
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  )
}

/** The box at `start` (ISO/IEC 14496-12, 4.2); throws a coded error if it does not lie within `end`. */
export function readBox(view: DataView, start: number, end: number): Box {
  if (start + 8 > end) throw new BoxOverrun('header')
  const type = readType(view, start + 4)
  let size = view.getUint32(start)
  let body = start + 8
  if (size === 1) {
    if (start + 16 > end) throw new BoxOverrun(type)
    size = readUint64(view, start + 8)
    body = start + 16
  } else if (size === 0) size = end - start
  if (size < body - start) throw new BoxTooSmall(type, size)
  if (size > end - start) throw new BoxOverrun(type)
  return { type, start, body, end: start + size }
}

/** The children of a box between `from` and `end`, in order. */
export function* children(view: DataView, from: number, end: number): Generator<Box> {
  for (let at = from; at < end; ) {
    const box = readBox(view, at, end)
    yield box
    at = box.end
  }
}

/** The first box of each step of the path, e.g. `findBox(view, moov, ['trak', 'mdia'])`. */
export function findBox(
  view: DataView,
  parent: Pick<Box, 'body' | 'end'>,
  path: readonly string[],
): Box | undefined {
  let at: Box | undefined
  let within = parent
  for (const type of path) {
    at = firstChild(view, within, type)
    if (!at) return undefined
    within = at
  }
  return at
}

function firstChild(view: DataView, { body, end }: Pick<Box, 'body' | 'end'>, type: string): Box | undefined {
  for (let at = body; at < end; ) {
    const box = readBox(view, at, end)
    if (box.type === type) return box
    at = box.end
  }
  return undefined
}

export function needBox(view: DataView, parent: Pick<Box, 'body' | 'end'>, path: readonly string[]): Box {
  const box = findBox(view, parent, path)
  if (!box) throw new BoxMissing(path.join('/'))
  return box
}

/** Fails unless the box body holds at least `bytes`. */
export function needBody(box: Box, bytes: number): Box {
  if (box.end - box.body < bytes) throw new BoxTooSmall(box.type, box.end - box.start)
  return box
}
