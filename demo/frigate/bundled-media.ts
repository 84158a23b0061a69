import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUNDLED_CAMERAS, type BundledCamera, bundledMedia } from '../footage/bundled.ts'
import { splitJpegs } from '../footage/pictures.ts'
import type { Media } from './media.ts'
import { writeVod } from './write-vod.ts'

/** The bundled cameras as what Frigate would have recorded of them; what is not a file yet is written to `folder`. */
export async function writeBundledMedia(folder: string): Promise<Media> {
  const cameras = await Promise.all(
    BUNDLED_CAMERAS.map(async camera => {
      const own = join(folder, camera)
      await mkdir(own)
      return { camera, pictures: await writePictures(camera, own), recorded: await record(camera, own) }
    }),
  )
  const [first] = cameras
  return {
    ...first!.recorded,
    errorPicture: first!.pictures[0]!,
    pictures: Object.fromEntries(cameras.map(({ camera, pictures }) => [camera, pictures])),
    ofCamera: Object.fromEntries(cameras.map(({ camera, recorded }) => [camera, recorded])),
  }
}

async function writePictures(camera: BundledCamera, folder: string): Promise<string[]> {
  const jpegs = splitJpegs(await readFile(bundledMedia(`${camera}.mjpeg`)))
  return Promise.all(
    jpegs.map(async (jpeg, index) => {
      const path = join(folder, `${index}.jpg`)
      await writeFile(path, jpeg)
      return path
    }),
  )
}

async function record(camera: BundledCamera, folder: string) {
  const clip = fileURLToPath(bundledMedia(`${camera}.mp4`))
  await writeVod(clip, folder)
  return { clip, fragmented: clip, vod: folder }
}
