import { type Box, children, viewOf } from './box.ts'
import { box } from './box-writer.ts'

/** A box of `bytes` with some of its children replaced, by type; `header` bytes stand between its own header and its children. */
export function rebuilt(
  bytes: Uint8Array,
  parent: Box,
  replace: Readonly<Record<string, (child: Box) => readonly Uint8Array[]>>,
  header = 0,
): Uint8Array[] {
  const first = parent.body + header
  const parts = [...children(viewOf(bytes), first, parent.end)].flatMap(
    child => replace[child.type]?.(child) ?? [copied(bytes, child)],
  )
  return box(parent.type, bytes.subarray(parent.body, first), ...parts)
}

export function copied(bytes: Uint8Array, { start, end }: Box): Uint8Array {
  return bytes.subarray(start, end)
}
