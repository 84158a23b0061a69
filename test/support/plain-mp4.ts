import { PlainMp4 } from '../../src/clips/plain-mp4.ts'

/** What becomes of a clip that is piped, however it is split. */
export function asPlain(clip: Buffer, step = clip.length): Buffer {
  return turn(clip, step).bytes
}

export function turn(clip: Buffer, step = clip.length) {
  const mp4 = new PlainMp4()
  const parts: Buffer[] = []
  for (let at = 0; at < clip.length; at += step)
    for (const part of mp4.push(clip.subarray(at, at + step))) parts.push(Buffer.from(part))
  for (const part of mp4.finish()) parts.push(Buffer.from(part))
  return { bytes: Buffer.concat(parts), whole: mp4.whole }
}
