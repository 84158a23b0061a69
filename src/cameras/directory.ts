import { type Identity, maySeeAll, maySeeCamera } from '../access/identity.ts'
import { Refreshed } from '../upstream/refreshed.ts'
import { type Camera, displayName, liveStreamOf } from './camera.ts'
import { CameraNotFound } from './errors.ts'

/** What the directory asks of go2rtc: the streams that it lists, by name. */
export interface StreamSource {
  streams(): Promise<ReadonlyMap<string, unknown>>
}

/** What the directory asks of Frigate: its cameras with the go2rtc streams that their `live` setting names. */
export interface CameraSource {
  cameras(): Promise<{
    readonly cameras: Iterable<{ readonly id: string; readonly streams: readonly string[] }>
    readonly stale: boolean
  }>
}

export interface CameraList {
  readonly cameras: readonly Camera[]
  /** Frigate could not be asked: these are the last known cameras, or go2rtc's streams. */
  readonly stale: boolean
}

/** How long the names of go2rtc's streams are good enough to say which of them is a camera's. */
const STREAMS_AGE = { freshMs: 2000, staleMs: 10_000, retryMs: 5000 }

/** Which cameras there are, which streams are theirs, and who may see them. */
export class CameraDirectory {
  readonly #frigate: CameraSource | undefined
  readonly #go2rtc: StreamSource
  readonly #streams: Refreshed<ReadonlySet<string>>

  /** Without Frigate the cameras are go2rtc's streams. */
  constructor(frigate: CameraSource | undefined, go2rtc: StreamSource) {
    this.#frigate = frigate
    this.#go2rtc = go2rtc
    this.#streams = new Refreshed(async () => new Set((await go2rtc.streams()).keys()), STREAMS_AGE)
  }

  /** Every camera. Rejects only if neither Frigate nor go2rtc has ever answered. */
  async list(): Promise<CameraList> {
    const [known, listed] = await Promise.allSettled([this.#frigate?.cameras(), this.#streams.get()])
    const streams = listed.status === 'fulfilled' ? listed.value : undefined
    if (known.status === 'fulfilled' && known.value)
      return { cameras: camerasOf([...known.value.cameras], streams?.value), stale: known.value.stale }
    if (streams)
      return {
        cameras: [...streams.value].map(cameraOfStream),
        stale: streams.stale || this.#frigate !== undefined,
      }
    throw known.status === 'rejected' ? known.reason : (listed as PromiseRejectedResult).reason
  }

  async find(id: string): Promise<Camera | undefined> {
    return (await this.list()).cameras.find(camera => camera.id === id)
  }

  /** Whether this user may see a camera of this name, if there is one. */
  maySee(identity: Identity, id: string): boolean {
    return maySeeCamera(identity, id)
  }

  /** Whether this user may see every camera, also one that there is not yet. */
  maySeeAll(identity: Identity): boolean {
    return maySeeAll(identity)
  }

  /** The cameras that this user may see. */
  async visibleTo(identity: Identity): Promise<CameraList> {
    const { cameras, stale } = await this.list()
    return { cameras: cameras.filter(camera => maySeeCamera(identity, camera.id)), stale }
  }

  /** The camera if there is one and this user may see it; else throws `CAMERA_NOT_FOUND`, in both cases alike. */
  async require(identity: Identity, id: string): Promise<Camera> {
    const camera = maySeeCamera(identity, id) ? await this.find(id) : undefined
    if (!camera) throw new CameraNotFound()
    return camera
  }

  /** Whether go2rtc lists this stream and this user may see it: all of them, or those of an allowed camera. */
  async streamVisibleTo(identity: Identity, stream: string): Promise<boolean> {
    if (!(await this.#go2rtc.streams()).has(stream)) return false
    if (maySeeAll(identity)) return true
    const { cameras } = await this.visibleTo(identity)
    return cameras.some(camera => camera.streams.has(stream))
  }
}

function cameraOfStream(stream: string): Camera {
  return { id: stream, name: displayName(stream), stream, streams: new Set([stream]) }
}

/** `<id>_live` is a camera's unless another camera is called so or names it in its `live` setting. */
function camerasOf(
  known: readonly { readonly id: string; readonly streams: readonly string[] }[],
  listed: ReadonlySet<string> | undefined,
): Camera[] {
  const claimed = new Set(known.flatMap(camera => [camera.id, ...camera.streams]))
  return known.map(({ id, streams: configured }) => {
    const derived = claimed.has(`${id}_live`) ? [] : [`${id}_live`]
    return {
      id,
      name: displayName(id),
      stream: liveStreamOf([...configured, ...derived, id], listed),
      streams: new Set([id, ...configured, ...derived]),
    }
  })
}
