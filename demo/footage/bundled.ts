import { clip } from './clip.ts'
import type { Footage } from './footage.ts'
import { pictures } from './pictures.ts'

/** The cameras whose clips come with the code (`demo/make-clips.sh`). */
export const BUNDLED_CAMERAS = ['Front_Door', 'Driveway', 'Garden', 'Garage'] as const

export type BundledCamera = (typeof BUNDLED_CAMERAS)[number]

/** A file of `demo/media`. */
export const bundledMedia = (file: string): URL => new URL(`../media/${file}`, import.meta.url)

/** H.264 High 640x360, 25 frames a second, GOP 2 s; AAC 16 kHz mono. */
export const bundledClip = (camera: BundledCamera): Footage => clip(bundledMedia(`${camera}.mp4`))

/** The same camera as JPEG, one picture a second. */
export const bundledPictures = (camera: BundledCamera): Footage => pictures(bundledMedia(`${camera}.mjpeg`))
