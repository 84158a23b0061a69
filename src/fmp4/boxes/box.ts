import { BoxMissing, BoxOverrun, BoxTooSmall } from '../errors.ts'

/** A box inside a byte view: `start` is its first byte, `body` its first byte after the header, `end` one past its last. */
export class Box {
  /** Its type as the number that it is on the wire, see `fourcc`. */
  readonly code: number
  readonly start: number
  readonly body: number
  readonly end: number

  constructor(code: number, start: number, body: number, end: number) {
    this.code = code
    this.start = start
    this.body = body
    this.end = end
  }

  get type(): string {
    return typeOf(this.code)
  }
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

/** The other way round. */
function typeOf(code: number): string {
  return String.fromCharCode(code >>> 24, (code >>> 16) & 255, (code >>> 8) & 255, code & 255)
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
  return typeOf(view.getUint32(offset))
}

/** The box at `start` (ISO/IEC 14496-12, 4.2); throws a coded error if it does not lie within `end`. */
export function readBox(view: DataView, start: number, end: number): Box {
  if (start + 8 > end) throw new BoxOverrun('header')
  const code = view.getUint32(start + 4)
  let size = view.getUint32(start)
  let body = start + 8
  if (size === 1) {
    if (start + 16 > end) throw new BoxOverrun(typeOf(code))
    size = readUint64(view, start + 8)
    body = start + 16
  } else if (size === 0) size = end - start
  if (size < body - start) throw new BoxTooSmall(typeOf(code), size)
  if (size > end - start) throw new BoxOverrun(typeOf(code))
  return new Box(code, start, body, start + size)
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
  const code = fourcc(type)
  for (let at = body; at < end; ) {
    const box = readBox(view, at, end)
    if (box.code === code) return box
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
