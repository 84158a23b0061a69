import fp from 'fastify-plugin'
import { CameraDirectory } from '../../src/cameras/directory.ts'
import { CameraNotFound } from '../../src/cameras/errors.ts'
import { FrameGrabber } from '../../src/cameras/frame-grabber.ts'
import { frigateSnapshot } from '../../src/cameras/frigate-snapshot.ts'
import { SnapshotCache, type SnapshotSize } from '../../src/cameras/snapshots.ts'
import { FRAME_CONNECTIONS } from '../../src/go2rtc/pools.ts'
import type { Owner } from '../../src/shares/share.ts'
import { PictureBusy } from '../../src/upstream/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    cameras: CameraDirectory
    /** The latest picture of each camera: Frigate's, else go2rtc's. */
    snapshots: SnapshotCache
    /** The latest picture of each of go2rtc's streams. */
    frames: SnapshotCache
  }
}

/** Of go2rtc's pictures that are kept. */
const FRAMES_BYTES = 4 * 1024 * 1024
/** How long a picture may wait for a connection to Frigate. */
const WAIT_MS = 10_000

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
    const grabber = new FrameGrabber(
      go2rtc.pools.frames,
      app.shares.define('frames', { total: FRAME_CONNECTIONS, refusal: () => new PictureBusy() }),
    )
    const grab = async (stream: string, owner: Owner) => ({
      jpeg: await grabber.grab(stream, owner),
      stale: false,
    })
    const fromGo2rtc = async (id: string, owner: Owner) => {
      const camera = await cameras.find(id)
      if (!camera || !(await go2rtc.streams()).has(camera.stream)) throw new CameraNotFound()
      return grab(camera.stream, owner)
    }
    const fromFrigate = async (id: string, size: SnapshotSize, owner: Owner) => {
      const exit = await app.frigateConnections.picture.enter(owner.user, AbortSignal.timeout(WAIT_MS))
      return frigateSnapshot(frigate, id, size).finally(exit)
    }
    const snapshots = new SnapshotCache(async (id, size, owner) => {
      if (!frigate.client.present) return fromGo2rtc(id, owner)
      try {
        return await fromFrigate(id, size, owner)
      } catch (error) {
        return fromGo2rtc(id, owner).catch(() => Promise.reject(error))
      }
    })
    const frames = new SnapshotCache((stream, _, owner) => grab(stream, owner), { bytes: FRAMES_BYTES })
    app.ledger.watch('pictures kept', () => snapshots.size + frames.size)
    app.ledger.watch('frames being taken', () => grabber.running)
    app.addHook('onClose', async () => {
      snapshots.clear()
      frames.clear()
    })
    app.decorate('cameras', cameras)
    app.decorate('snapshots', snapshots)
    app.decorate('frames', frames)
  },
  { name: 'cameras', dependencies: ['ledger', 'shares', 'asking', 'frigate', 'go2rtc'] },
)
