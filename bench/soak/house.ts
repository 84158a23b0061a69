import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { writeBundledMedia } from '../../demo/frigate/bundled-media.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'
import { type HouseholdCamera, sampleHousehold } from '../../demo/frigate/household.ts'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import { Go2rtc } from '../../demo/go2rtc/go2rtc.ts'

/** Those that Frigate knows by name. The last has no real pictures, and enough bytes that a viewer can fall behind. */
export const CAMERAS = ['Driveway', 'Front_Door', 'Garage', 'Garden', 'Synthetic'] as const

export interface House {
  readonly go2rtc: Go2rtc
  readonly frigate: Frigate
  /** Frigate's configuration: entries may come and go. */
  readonly cameras: Record<string, HouseholdCamera>
  close(): Promise<void>
}

/** The stand-ins for go2rtc and Frigate, in this process. */
export async function startHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-soak-'))
  const go2rtc = new Go2rtc({
    streams: { ...bundledStreams(), Synthetic: [synthetic({ gop: 2, bitrate: 4_000_000 })] },
  })
  const cameras: Record<string, HouseholdCamera> = Object.fromEntries(
    CAMERAS.map(camera => [camera, { zones: [camera] }]),
  )
  const household = { ...sampleHousehold(cameras), cameras }
  const frigate = new Frigate({ version: '0.17', household, media: await writeBundledMedia(folder) })
  await go2rtc.start()
  await frigate.start()
  return {
    go2rtc,
    frigate,
    cameras,
    close: async () => {
      await go2rtc.stop()
      await frigate.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
