import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { boxes } from '../fmp4/boxes.ts'

const SECONDS = 2

/**
 * Cuts a bundled clip, which has a fragment for each GOP of two seconds, into HLS with the names that
 * nginx-vod-module gives: `master.m3u8`, `index-v1-a1.m3u8`, `init-v1-a1.mp4`, `seg-1-v1-a1.m4s`.
 */
export async function writeVod(clip: string, folder: string): Promise<void> {
  const file = await readFile(clip)
  const all = boxes(file)
  const starts = all.filter(({ type }) => type === 'moof').map(({ start }) => start)
  const end = all.find(({ type }) => type === 'mfra')?.start ?? file.length
  const segments = starts.map((start, index) => file.subarray(start, starts[index + 1] ?? end))
  const files = {
    'master.m3u8': playlist(
      '#EXT-X-STREAM-INF:BANDWIDTH=160000,CODECS="avc1.64001e,mp4a.40.2"',
      'index-v1-a1.m3u8',
    ),
    'index-v1-a1.m3u8': playlist(
      `#EXT-X-TARGETDURATION:${SECONDS}`,
      '#EXT-X-VERSION:7',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-MEDIA-SEQUENCE:1',
      '#EXT-X-MAP:URI="init-v1-a1.mp4"',
      ...segments.flatMap((_, index) => [`#EXTINF:${SECONDS.toFixed(3)},`, `seg-${index + 1}-v1-a1.m4s`]),
      '#EXT-X-ENDLIST',
    ),
    'init-v1-a1.mp4': file.subarray(0, starts[0]),
    ...Object.fromEntries(segments.map((segment, index) => [`seg-${index + 1}-v1-a1.m4s`, segment])),
  }
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
}

const playlist = (...lines: readonly string[]): string => ['#EXTM3U', ...lines, ''].join('\n')
