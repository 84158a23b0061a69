import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ffmpeg } from '../../test/support/tools.ts'

const SECONDS = 16
const PICTURE = 'testsrc2=size=1280x720:rate=30,noise=alls=40:allf=t'
const SOUND = 'sine=sample_rate=48000'
const H264 = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -sc_threshold 0'
const RATE = '-b:v 4M -minrate 4M -maxrate 4M -bufsize 4M'

let made: string | undefined

/** A file of about 4 Mbit/s with sound, GOP 2 s. Made once and there as long as the process. */
function clip(): string {
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), 'camgate-bench-clip-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'camera.mp4')
  const encoding = `${H264} ${RATE} -c:a aac -t ${SECONDS}`.split(' ')
  execFileSync(ffmpeg(), [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', PICTURE, '-f', 'lavfi', '-i', SOUND],
    ...encoding,
    file,
  ])
  made = file
  return file
}

/**
 * The command, as a list of words, that plays a camera of 4 Mbit/s to an RTSP address without end. go2rtc tells programs that it starts by
 * their commands: with its name in it no camera's is another's.
 */
export function playTo(address: string, camera: string): string[] {
  const input = ['-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', clip()]
  const output = ['-c', 'copy', '-metadata', `title=${camera}`, '-rtsp_transport', 'tcp', '-f', 'rtsp']
  return [ffmpeg(), ...input, ...output, address]
}
