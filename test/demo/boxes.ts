import { type Box, boxes, children } from '../../demo/fmp4/boxes.ts'
import { type SampleHeader, sampleHeaders } from '../../demo/fmp4/track-fragment.ts'

/** The whole boxes of a reply that may end anywhere. */
export function boxesOf(bytes: Buffer): Box[] {
  let whole = 0
  while (whole + 8 <= bytes.length && whole + bytes.readUInt32BE(whole) <= bytes.length)
    whole += bytes.readUInt32BE(whole)
  return boxes(bytes.subarray(0, whole))
}

/** Each sample whose `mdat` is there too. */
export function fragmentsOf(bytes: Buffer): SampleHeader[] {
  const all = boxesOf(bytes)
  return all.flatMap((box, index) => {
    if (box.type !== 'moof' || all[index + 1]?.type !== 'mdat') return []
    return children(box)
      .filter(({ type }) => type === 'traf')
      .flatMap(sampleHeaders)
  })
}
