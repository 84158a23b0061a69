import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { clip } from '../../demo/footage/clip.ts'
import type { Footage } from '../../demo/footage/footage.ts'
import { ffmpeg } from './tools.ts'

export interface ClipOptions {
  readonly fps?: number
  /** In frames. */
  readonly gop?: number
  readonly size?: string
  readonly source?: string
  /** An ffmpeg filter for the pictures. */
  readonly filter?: string
}

/** Real pictures and sound that cost little to decode, made by ffmpeg: for several players on a busy machine. */
export function smallClip({
  fps = 10,
  gop = 10,
  size = '160x90',
  source = 'testsrc2',
  filter = 'null',
}: ClipOptions = {}): Footage {
  const folder = mkdtempSync(join(tmpdir(), 'camgate-clip-'))
  try {
    const file = join(folder, 'clip.mp4')
    const video = ['-f', 'lavfi', '-i', `${source}=s=${size}:r=${fps}:d=16`]
    const audio = ['-f', 'lavfi', '-i', 'sine=f=440:r=16000:d=16']
    const encode = [
      '-vf',
      filter,
      '-c:v',
      'libx264',
      '-profile:v',
      'high',
      '-pix_fmt',
      'yuv420p',
      '-bf',
      '0',
      '-crf',
      '35',
    ]
    const gops = ['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0']
    const sound = ['-c:a', 'aac', '-b:a', '16k', '-ac', '1']
    const fragments = ['-movflags', 'frag_keyframe+delay_moov+default_base_moof']
    execFileSync(ffmpeg(), [
      '-v',
      'error',
      ...video,
      ...audio,
      ...encode,
      ...gops,
      ...sound,
      ...fragments,
      file,
    ])
    return clip(pathToFileURL(file))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
