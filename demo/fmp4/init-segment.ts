import type { AudioTrack, Track, VideoTrack } from '../footage/footage.ts'
import { box, fullBox, text, u16, u32, zeros } from './box.ts'

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** `ftyp` and `moov` with the same boxes, sizes and values that go2rtc writes for these tracks. */
export function initSegment(tracks: readonly Track[]): Buffer {
  const movieHeader = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x100),
    zeros(10),
    MATRIX,
    zeros(24),
    u32(0xffffffff),
  )
  const extends_ = tracks.map((_, index) => fullBox('trex', 0, 0, u32(index + 1, 1, 0, 0, 0)))
  return Buffer.concat([
    box('ftyp', text('iso5'), u32(512), text('iso5iso6mp41')),
    box(
      'moov',
      movieHeader,
      ...tracks.map((track, index) => trackBox(index + 1, track)),
      box('mvex', ...extends_),
    ),
  ])
}

function trackBox(id: number, track: Track): Buffer {
  const video = track.kind === 'video'
  const header = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, id, 0, 0, 0, 0),
    video ? zeros(6) : u16(0, 1, 0x100),
    zeros(2),
    MATRIX,
    video ? u32(track.width * 0x10000, track.height * 0x10000) : zeros(8),
  )
  const handler = video ? 'vide' : 'soun'
  return box(
    'trak',
    header,
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, track.timescale, 0), u16(0x55c4, 0)),
      fullBox(
        'hdlr',
        0,
        0,
        zeros(4),
        text(handler),
        zeros(12),
        text(video ? 'VideoHandler\0' : 'SoundHandler\0'),
      ),
      box(
        'minf',
        video ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4)),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), video ? videoEntry(track) : audioEntry(track)),
          fullBox('stts', 0, 0, u32(0)),
          fullBox('stsc', 0, 0, u32(0)),
          fullBox('stsz', 0, 0, u32(0, 0)),
          fullBox('stco', 0, 0, u32(0)),
        ),
      ),
    ),
  )
}

function videoEntry(track: VideoTrack): Buffer {
  const h265 = track.codec === 'h265'
  return box(
    h265 ? 'hev1' : 'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(track.width, track.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(24, 0xffff),
    box(h265 ? 'hvcC' : 'avcC', track.config),
    box('pasp', u32(1, 1)),
  )
}

const AUDIO_ENTRIES = { aac: 'mp4a', mp3: 'mp4a', opus: 'Opus', pcma: 'fLaC' } as const

function audioEntry(track: AudioTrack): Buffer {
  return box(
    AUDIO_ENTRIES[track.codec],
    zeros(6),
    u16(1),
    zeros(8),
    u16(track.channels, 16, 0, 0),
    u32(track.timescale * 0x10000),
    audioConfig(track),
  )
}

function audioConfig(track: AudioTrack): Buffer {
  switch (track.codec) {
    case 'aac':
      return elementaryStream(0x40, descriptor(5, track.config))
    case 'mp3':
      return elementaryStream(0x6b)
    case 'opus':
      return box('dOps', Buffer.from([0, track.channels]), u16(0), u32(track.timescale), zeros(3))
    case 'pcma':
      return fullBox('dfLa', 0, 0, flacStreamInfo(track))
  }
}

/** `esds`, ISO/IEC 14496-14 §5.6. */
function elementaryStream(objectType: number, ...specific: readonly Buffer[]): Buffer {
  const decoder = descriptor(4, Buffer.from([objectType, 0x15]), zeros(11), ...specific)
  return fullBox('esds', 0, 0, descriptor(3, zeros(3), decoder, descriptor(6, Buffer.from([2]))))
}

function descriptor(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, 0x80, 0x80, 0x80, body.length]), body])
}

/** A last metadata block of type STREAMINFO, RFC 9639 §8.2: mono, 16 bit. */
function flacStreamInfo(track: AudioTrack): Buffer {
  const info = Buffer.alloc(38)
  info.writeUInt32BE(0x80000022, 0)
  info.writeUInt16BE(32768, 4)
  info.writeUInt16BE(32768, 6)
  info.writeUInt32BE(track.timescale * 0x1000 + 0xf0, 14)
  return info
}
