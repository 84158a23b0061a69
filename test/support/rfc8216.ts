import type { ReadPlaylist, ReadSegment } from './playlist.ts'

const CLOSE = 1e-5

/** What a live media playlist breaks of RFC 8216bis, one sentence each; `before` is the one read last. */
export function violations(playlist: ReadPlaylist, before?: ReadPlaylist): string[] {
  return [
    ...general(playlist),
    ...(playlist.partTarget === undefined ? plain(playlist) : lowLatency(playlist)),
    ...(before ? [...changes(before, playlist), ...removals(before, playlist)] : []),
  ]
}

type Rule = readonly [broken: boolean, section: string]

function broken(rules: readonly Rule[]): string[] {
  return rules.filter(([isBroken]) => isBroken).map(([, section]) => section)
}

const ONCE = [
  'VERSION',
  'TARGETDURATION',
  'MEDIA-SEQUENCE',
  'DISCONTINUITY-SEQUENCE',
  'PART-INF',
  'SERVER-CONTROL',
]

function general({ text, tags, version, targetDuration, segments }: ReadPlaylist): string[] {
  const firstSegment = tags.findIndex(tag => tag === '#EXTINF' || tag === '#EXT-X-PART')
  const late = (tag: string) => firstSegment >= 0 && tags.indexOf(tag) > firstSegment
  const complete = segments.filter(({ uri }) => uri !== undefined)
  return [
    ...broken([
      [!text.startsWith('#EXTM3U\n'), '4.4.1.1: the first line is #EXTM3U'],
      [version !== 9, '8: these tags need version 9'],
      [!Number.isInteger(targetDuration) || targetDuration < 1, '4.4.3.1: TARGETDURATION is a whole number'],
      [late('#EXT-X-MEDIA-SEQUENCE'), '4.4.3.2: MEDIA-SEQUENCE comes before the first segment'],
      [
        late('#EXT-X-DISCONTINUITY-SEQUENCE'),
        '4.4.3.3: DISCONTINUITY-SEQUENCE comes before the first segment',
      ],
      [tags.includes('#EXT-X-ENDLIST'), '6.2.2: a live playlist has no end'],
      [tags.includes('#EXT-X-INDEPENDENT-SEGMENTS'), '4.4.2.1: segments may start at any sample here'],
    ]),
    ...ONCE.filter(tag => tags.filter(other => other === `#EXT-X-${tag}`).length > 1).map(
      tag => `4.4.3: ${tag} stands once`,
    ),
    ...complete
      .filter(({ seconds }) => Math.round(seconds) > targetDuration || !(seconds > 0))
      .map(({ number, seconds }) => `4.4.3.1: ${number} lasts ${seconds} s of at most ${targetDuration}`),
    ...segments.filter(({ map }) => map === '').map(({ number }) => `4.4.4.5: ${number} has no init segment`),
    ...segments
      .filter(({ date }) => Number.isNaN(date))
      .map(({ number }) => `4.4.4.6: ${number} has no date and time`),
  ]
}

function plain({ tags, control, hint }: ReadPlaylist): string[] {
  return broken([
    [tags.includes('#EXT-X-PART'), '4.4.4.9: EXT-X-PART needs EXT-X-PART-INF'],
    [Object.keys(control).length > 0 || hint !== undefined, 'plain HLS promises nothing'],
  ])
}

function lowLatency(playlist: ReadPlaylist): string[] {
  const { targetDuration, control, segments, hint, tags, skipped } = playlist
  const partTarget = playlist.partTarget!
  const end = segments.reduce((sum, segment) => sum + lengthOf(segment), 0)
  let at = 0
  return [
    ...broken([
      [partTarget > targetDuration, '4.4.3.7: PART-TARGET is at most the target duration'],
      [control['CAN-BLOCK-RELOAD'] !== 'YES', '4.4.3.8: low latency needs blocking reload'],
      [
        Number(control['PART-HOLD-BACK']) < 3 * partTarget - CLOSE,
        '4.4.3.8: PART-HOLD-BACK is three part targets',
      ],
      [
        Number(control['CAN-SKIP-UNTIL']) < 6 * targetDuration,
        '4.4.3.8: CAN-SKIP-UNTIL is six target durations',
      ],
      [
        tags.at(-1) !== '#EXT-X-PRELOAD-HINT' || hint === undefined,
        '4.4.5.3: the next part is hinted at, last',
      ],
      [skipped > 0 && tags.indexOf('#EXT-X-SKIP') > tags.indexOf('#EXTINF'), '4.4.5.2: SKIP comes first'],
    ]),
    ...segments.flatMap(segment => {
      at += lengthOf(segment)
      return partViolations(segment, partTarget, targetDuration, end - at)
    }),
  ]
}

function partViolations(segment: ReadSegment, partTarget: number, target: number, fromEnd: number): string[] {
  const { number, parts, uri, seconds } = segment
  const sum = parts.reduce((total, part) => total + part.seconds, 0)
  return [
    ...parts.flatMap((part, i) => {
      const last = uri !== undefined && i === parts.length - 1
      return broken([
        [part.seconds > partTarget + CLOSE, `4.4.3.7: part ${number}.${i} is longer than PART-TARGET`],
        [
          part.seconds < 0.85 * partTarget && !part.independent && !last,
          `4.4.4.9: part ${number}.${i} of ${part.seconds} s is shorter than 85 % of ${partTarget}`,
        ],
      ])
    }),
    ...broken([
      [
        uri !== undefined && parts.length > 0 && Math.abs(sum - seconds) > CLOSE * parts.length,
        `4.4.4.9: the parts of ${number} are not as long as it is`,
      ],
      [
        parts.length > 0 && fromEnd >= 3 * target + CLOSE,
        `6.2.2: parts of ${number} are listed for too long`,
      ],
      [uri === undefined && parts.length === 0, `4.4.4: ${number} is nothing`],
    ]),
  ]
}

/** What was said of a segment stays said (6.2.1, 6.2.2). */
function changes(before: ReadPlaylist, now: ReadPlaylist): string[] {
  const seen = new Map(before.segments.map(segment => [segment.number, segment]))
  return [
    ...broken([
      [now.targetDuration !== before.targetDuration, '6.2.1: the target duration changed'],
      [now.mediaSequence < before.mediaSequence, '6.2.2: the media sequence went back'],
      [
        now.discontinuitySequence < before.discontinuitySequence,
        '6.2.2: the discontinuity sequence went back',
      ],
      [
        now.mediaSequence > before.mediaSequence + before.segments.length,
        '6.2.1: segments were removed that had never been listed',
      ],
    ]),
    ...now.segments.flatMap(segment => {
      const old = seen.get(segment.number)
      if (!old) return []
      return broken([
        [
          old.uri !== undefined && (old.uri !== segment.uri || old.seconds !== segment.seconds),
          `6.2.1: ${segment.number} changed`,
        ],
        [
          old.map !== segment.map || old.date !== segment.date || old.discontinuity !== segment.discontinuity,
          `6.2.1: the tags of ${segment.number} changed`,
        ],
        [
          old.parts.some((part, i) => segment.parts[i] && segment.parts[i].uri !== part.uri),
          `6.2.1: the parts of ${segment.number} changed`,
        ],
      ])
    }),
    ...hintViolations(before, now),
  ]
}

/** The part that was hinted at is the next one, or there is none. */
function hintViolations(before: ReadPlaylist, now: ReadPlaylist): string[] {
  if (before.hint === undefined) return []
  const known = new Set(before.segments.flatMap(({ parts }) => parts.map(({ uri }) => uri)))
  const [next] = now.segments
    .flatMap(({ parts }) => parts.map(({ uri }) => uri))
    .filter(uri => !known.has(uri))
  const otherSegment = next !== undefined && next.split('.')[0] !== before.hint.split('.')[0]
  return next === undefined || next === before.hint || otherSegment
    ? []
    : [`4.4.5.3: ${before.hint} was hinted at, ${next} came`]
}

function removals(before: ReadPlaylist, now: ReadPlaylist): string[] {
  const removed = before.segments.filter(({ number }) => number < now.mediaSequence)
  const left = now.segments.reduce((sum, { uri, seconds }) => sum + (uri === undefined ? 0 : seconds), 0)
  const tags = removed.filter(({ discontinuity }) => discontinuity).length
  return broken([
    [
      removed.length > 0 && left < 3 * now.targetDuration - CLOSE && now.skipped === 0,
      `6.2.2: ${left} s are left, less than three target durations`,
    ],
    [
      now.discontinuitySequence - before.discontinuitySequence !== tags,
      '6.2.2: the discontinuity sequence does not count what was removed',
    ],
  ])
}

function lengthOf({ uri, seconds, parts }: ReadSegment): number {
  return uri === undefined ? parts.reduce((sum, part) => sum + part.seconds, 0) : seconds
}
