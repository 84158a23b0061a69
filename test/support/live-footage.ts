import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import type { Fragment } from '../../src/fmp4/fragments/fragment.ts'
import { footage, read } from './fmp4.ts'

/** A camera's connection, box by box: the init segment, and its fragments one at a time. */
export function camera(options: SyntheticOptions = {}, fragments = 400) {
  const [init, ...boxes] = footage({ fps: 10, gop: 1, bitrate: 80_000, audio: 'none', ...options }, fragments)
  let next = 0
  return {
    init: init!,
    /** The next so many fragments. */
    take: (count: number) => {
      next += count
      return boxes.slice(next - count, next)
    },
  }
}

/** What a viewer without framing was sent. */
export function received(bytes: Buffer): {
  inits: number
  video: Fragment[]
  audio: Fragment[]
  all: Fragment[]
} {
  const { inits, fragments } = read([bytes], { initBytes: 1 << 20, fragmentBytes: 1 << 24 })
  return {
    inits: inits.length,
    all: fragments,
    video: fragments.filter(fragment => fragment.track.kind === 'video'),
    audio: fragments.filter(fragment => fragment.track.kind === 'audio'),
  }
}

/** True if every fragment begins where the one before ended. */
export function contiguous(fragments: readonly Fragment[]): boolean {
  if (fragments.length < 2) return false
  return fragments.every((fragment, i) => {
    const before = fragments[i - 1]
    return !before || fragment.decodeTime === before.decodeTime + before.duration
  })
}
