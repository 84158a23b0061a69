import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Media } from '../../demo/frigate/media.ts'
import { ffmpeg } from './tools.ts'

/** Ten seconds of a test pattern with a tone, a keyframe every second. */
const PATTERN = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
  ...[
    '-t',
    '10',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '25',
    '-c:a',
    'aac',
  ],
]

/** `recording_clip` of frigate/api/media.py since 0.15: copied out with these flags. */
export const PIPED = ['-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4']

/** Makes real media in `folder`, as the versions of Frigate hand them out. */
export function makeMedia(folder: string, cameras: readonly string[]): Media & { readonly vodFmp4: string } {
  const path = (name: string) => join(folder, name)
  run([...PATTERN, '-movflags', '+faststart', path('clip.mp4')])
  run(['-i', path('clip.mp4'), '-c', 'copy', ...PIPED, path('fragmented.mp4')])
  const pictures = Object.fromEntries(cameras.map((camera, i) => [camera, picture(path, camera, i)]))
  return {
    pictures,
    errorPicture: picture(path, 'error', 9),
    clip: path('clip.mp4'),
    fragmented: path('fragmented.mp4'),
    vod: vod(path('vod-ts'), path('clip.mp4'), ['-hls_segment_filename', 'seg-%d-v1-a1.ts']),
    vodFmp4: vod(path('vod-fmp4'), path('clip.mp4'), [
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init-v1-a1.mp4'],
      ...['-hls_segment_filename', 'seg-%d-v1-a1.m4s'],
    ]),
  }
}

/** The clip so many times over, as Frigate pipes it: longer than any that the tests make anew. */
export function makeLonger(clip: string, times: number, file: string): void {
  run(['-stream_loop', String(times - 1), '-i', clip, '-c', 'copy', ...PIPED, file])
}

function picture(path: (name: string) => string, name: string, hue: number): string {
  const file = path(`${name}.jpg`)
  run(['-f', 'lavfi', '-i', `testsrc2=size=320x180,hue=h=${hue * 40}`, '-frames:v', '1', file])
  return file
}

/** The names that nginx-vod-module gives: `master.m3u8`, `index-v1-a1.m3u8`, `seg-1-v1-a1.ts`. */
function vod(folder: string, clip: string, options: readonly string[]): string {
  mkdirSync(folder)
  const hls = ['-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-start_number', '1']
  run(
    ['-i', clip, '-c', 'copy', ...hls, '-master_pl_name', 'master.m3u8', ...options, 'index-v1-a1.m3u8'],
    folder,
  )
  return folder
}

function run(options: readonly string[], cwd?: string): void {
  execFileSync(ffmpeg(), ['-hide_banner', '-loglevel', 'error', '-y', ...options], { cwd, stdio: 'inherit' })
}
