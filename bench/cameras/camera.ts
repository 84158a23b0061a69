import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../process/child.ts'
import { native } from '../process/native.ts'
import { type TapeOptions, tape } from './tape.ts'

/** An upstream that costs as little as can be (`bench/camera.c`), with a camera for each name. */
export async function runCameras(cameras: Readonly<Record<string, TapeOptions>>, port = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-tapes-'))
  const tapes = new Map<string, string>()
  for (const options of Object.values(cameras)) {
    const key = JSON.stringify(options)
    if (tapes.has(key)) continue
    const path = join(folder, `${tapes.size}.tape`)
    await writeFile(path, tape(options))
    tapes.set(key, path)
  }
  const args = Object.entries(cameras).map(
    ([name, options]) => `${name}=${tapes.get(JSON.stringify(options))}`,
  )
  const child = new Child(native('camera'), [String(port), ...args])
  const [origin] = await child.line(/^http:\S+/)
  return {
    pid: child.pid,
    origin,
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
