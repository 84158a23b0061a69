import { BUNDLED_CAMERAS, bundledClip, bundledPictures } from '../footage/bundled.ts'
import type { Footage } from '../footage/footage.ts'

/** The bundled cameras as streams of go2rtc: each the clip, and a second source with its pictures. */
export function bundledStreams(): Record<string, readonly Footage[]> {
  return Object.fromEntries(
    BUNDLED_CAMERAS.map(camera => [camera, [bundledClip(camera), bundledPictures(camera)]]),
  )
}
