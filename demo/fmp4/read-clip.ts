import type { Sample, Track } from '../footage/footage.ts'
import { type Box, boxes, child, children, descendant, only } from './boxes.ts'
import { sampleHeaders } from './track-fragment.ts'

/**
 * Reads a bundled clip: a fragmented MP4 as ffmpeg writes it, of one H.264 and one AAC track. It trusts the file;
 * what it does not know is an error.
 */
export function readClip(file: Buffer): { tracks: Track[]; samples: Sample[] } {
  const top = boxes(file)
  const trackBoxes = children(only(top, 'moov')).filter(({ type }) => type === 'trak')
  const ids = trackBoxes.map(trak => child(trak, 'tkhd').content.readUInt32BE(12))
  const samples = top
    .filter(({ type }) => type === 'moof')
    .flatMap(moof =>
      children(moof)
        .filter(({ type }) => type === 'traf')
        .flatMap(sampleHeaders)
        .map(({ trackId, decodeTime, sync, offset, size }) => ({
          track: ids.indexOf(trackId),
          timestamp: decodeTime,
          sync,
          data: file.subarray(moof.start + offset, moof.start + offset + size),
        })),
    )
  return { tracks: trackBoxes.map(readTrack), samples }
}

function readTrack(trak: Box): Track {
  const timescale = descendant(trak, 'mdia', 'mdhd').content.readUInt32BE(12)
  const descriptions = descendant(trak, 'mdia', 'minf', 'stbl', 'stsd').content
  const entry = only(boxes(descriptions.subarray(8)))
  if (entry.type === 'avc1') {
    return {
      kind: 'video',
      codec: 'h264',
      timescale,
      width: entry.content.readUInt16BE(24),
      height: entry.content.readUInt16BE(26),
      config: only(boxes(entry.content.subarray(78)), 'avcC').content,
    }
  }
  if (entry.type !== 'mp4a') throw new Error(`a clip with ${entry.type} is not supported`)
  return {
    kind: 'audio',
    codec: 'aac',
    timescale,
    channels: entry.content.readUInt16BE(16),
    config: audioSpecificConfig(only(boxes(entry.content.subarray(28)), 'esds').content.subarray(4)),
  }
}

/** The DecoderSpecificInfo inside ES_Descriptor and DecoderConfigDescriptor, ISO/IEC 14496-1 §7.2.6. */
function audioSpecificConfig(descriptors: Buffer): Buffer {
  let offset = 0
  while (offset < descriptors.length) {
    const tag = descriptors[offset++]
    let length = 0
    let byte: number
    do {
      byte = descriptors[offset++] ?? 0
      length = length * 128 + (byte & 0x7f)
    } while (byte & 0x80)
    if (tag === 5) return descriptors.subarray(offset, offset + length)
    offset += tag === 3 ? 3 : tag === 4 ? 13 : length
  }
  throw new Error('no AudioSpecificConfig in the clip')
}
