import fp from 'fastify-plugin'
import { CameraDirectory } from '../src/cameras/directory.ts'
import { CameraNotFound } from '../src/cameras/errors.ts'
import { FrameGrabber } from '../src/cameras/frame-grabber.ts'
import { frigateSnapshot } from '../src/cameras/frigate-snapshot.ts'
import { SnapshotCache } from '../src/cameras/snapshots.ts'

declare module 'fastify' {
  interface FastifyInstance {
    cameras: CameraDirectory
    /** The latest picture of each camera: Frigate's, else go2rtc's. */
    snapshots: SnapshotCache
  }
}

export default fp(
  async app => {
    const { frigate, go2rtc } = app
    const cameras = new CameraDirectory(
      frigate.client.present
        ? {
            cameras: async () => {
              const { value, stale } = await frigate.config()
              return { cameras: value.cameras.values(), stale }
            },
          }
        : undefined,
      go2rtc,
    )
    const frames = new FrameGrabber(go2rtc.pool)
    const fromGo2rtc = async (id: string) => {
      const camera = await cameras.find(id)
      if (!camera || !(await go2rtc.streams()).has(camera.stream)) throw new CameraNotFound()
      return { jpeg: await frames.grab(camera.stream), stale: false }
    }
    const snapshots = new SnapshotCache(async (id, size) => {
      if (!frigate.client.present) return fromGo2rtc(id)
      try {
        return await frigateSnapshot(frigate, id, size)
      } catch (error) {
        return fromGo2rtc(id).catch(() => Promise.reject(error))
      }
    })
    app.ledger.watch('pictures kept', () => snapshots.size)
    app.addHook('onClose', async () => void snapshots.clear())
    app.decorate('cameras', cameras)
    app.decorate('snapshots', snapshots)
  },
  { name: 'cameras', dependencies: ['ledger', 'frigate', 'go2rtc'] },
)
