import { Refreshed } from '../upstream/refreshed.ts'
import { CONFIGURED_CAMERAS, type FrigateConfig, readFrigateConfig } from './api/config.ts'
import { Events } from './api/events.ts'
import { Recordings } from './api/recordings.ts'
import { Reviews } from './api/reviews.ts'
import { CAMERA_STATS, readCameraRates } from './api/stats.ts'
import { type Dialect, dialectOf } from './api/version.ts'
import type { FrigateClient } from './connection/client.ts'
import { FrigateLeftOut, FrigateMalformed } from './errors.ts'
import { EventPictures } from './media/event-pictures.ts'
import { FrigateMedia } from './media/media.ts'

const MAX_VERSION_BYTES = 256
const METADATA_MS = 5000
/** Of what is left out of a configuration. */
const MOST_NAMED = 10

const CONFIG_AGE = { freshMs: 10_000, staleMs: 60_000, retryMs: 2000 }
const VERSION_AGE = { freshMs: 300_000, staleMs: 3_600_000, retryMs: 2000 }
const STATS_AGE = { freshMs: 5000, staleMs: 15_000, retryMs: 5000 }

/** Everything that is asked of Frigate. */
export class Frigate {
  readonly client: FrigateClient
  readonly events: Events
  readonly pictures: EventPictures
  readonly recordings: Recordings
  readonly reviews: Reviews
  readonly media: FrigateMedia
  readonly #config: Refreshed<FrigateConfig>
  readonly #version: Refreshed<string>
  readonly #rates: Refreshed<ReadonlyMap<string, number>>

  constructor(client: FrigateClient) {
    this.client = client
    this.events = new Events(client)
    this.pictures = new EventPictures(client)
    this.recordings = new Recordings(client)
    this.reviews = new Reviews(client)
    this.media = new FrigateMedia(client)
    this.#config = new Refreshed(() => this.#loadConfig(), CONFIG_AGE)
    this.#version = new Refreshed(() => this.askVersion(), VERSION_AGE)
    this.#rates = new Refreshed(() => this.#loadRates(), STATS_AGE)
  }

  /** Cameras and zones, asked for at most every ten seconds; the last known ones, marked stale, while Frigate is down. */
  config(): Promise<{ readonly value: FrigateConfig; readonly stale: boolean }> {
    return this.#config.get()
  }

  /** Such as `0.15.2-23d0d6e`; rejects while Frigate is down. */
  async version(): Promise<string> {
    return (await this.#version.get()).value
  }

  /** How this Frigate differs from others; it is asked again for its version after a failure. */
  async dialect(): Promise<Dialect> {
    return dialectOf(await this.version())
  }

  /** Frigate did something unexpected: it may have been replaced by another version. */
  suspectVersion(): void {
    this.#version.expire()
  }

  /** Frames a second that each camera gives to Frigate: 0 where it gives none. */
  async cameraRates(): Promise<ReadonlyMap<string, number>> {
    return (await this.#rates.get()).value
  }

  async #loadConfig(): Promise<FrigateConfig> {
    const request = { ...CONFIGURED_CAMERAS, ...deadline() }
    const leftOut = new Set<string>()
    const members = this.client.members('/api/config', 'its configuration', request)
    const config = await readFrigateConfig(members, what => leftOut.size < MOST_NAMED && leftOut.add(what))
    if (leftOut.size > 0) this.client.complain(new FrigateLeftOut([...leftOut].join(', ')))
    return config
  }

  /** Asks Frigate itself, every time. */
  async askVersion(): Promise<string> {
    const { bytes } = await this.client.bytes('/api/version', MAX_VERSION_BYTES, deadline())
    const version = bytes.toString().trim()
    if (!/^[\w.+-]+$/.test(version)) throw new FrigateMalformed('its version')
    return version
  }

  async #loadRates(): Promise<ReadonlyMap<string, number>> {
    const request = { ...CAMERA_STATS, ...deadline() }
    return readCameraRates(this.client.members('/api/stats', 'its statistics', request))
  }
}

function deadline() {
  return { purpose: 'control', signal: AbortSignal.timeout(METADATA_MS), timeoutMs: METADATA_MS } as const
}
