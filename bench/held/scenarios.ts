import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import type { CrowdOptions } from '../process/crowd.ts'
import type { RunningServer } from '../process/server.ts'

/** What is watched, and what is promised for it, in megabytes. */
export interface Scenario {
  readonly title: string
  readonly unreclaimableMb: number
  readonly rssMb: number
  /** Each crowd is a process of its own, all at once. */
  crowds(server: RunningServer): Omit<CrowdOptions, 'seconds'>[]
}

const HOUSE = numbered('house', 9)
const WALL = numbered('wall', 9)
const LARGE: SyntheticOptions = { gop: 2, bitrate: 2_000_000 }
const SMALL: SyntheticOptions = { gop: 2, bitrate: 1_000_000 }

/** By stream name. */
export const CAMERAS: Readonly<Record<string, SyntheticOptions>> = Object.fromEntries([
  ...HOUSE.map(name => [name, LARGE]),
  ...WALL.map(name => [name, SMALL]),
])

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  idle: { title: 'idle', unreclaimableMb: 38, rssMb: 84, crowds: () => [] },
  house: {
    title: '100 WebSocket viewers on 9 cameras of 2 Mbit/s, ten of them stalled, two more on HLS',
    unreclaimableMb: 60,
    rssMb: 116,
    crowds: server => [
      { url: HOUSE.map(name => webSocket(server, name)), viewers: 100, stalled: 10, ramp: 10 },
      { url: HOUSE.slice(0, 2).map(name => hls(server, name)), viewers: 2 },
    ],
  },
  wall: {
    title: "the PWA's wall: 9 cameras of 1 Mbit/s over HLS on 4 phones",
    unreclaimableMb: 68,
    rssMb: 123,
    crowds: server => [{ url: WALL.map(name => hls(server, name)), viewers: 36, ramp: 4 }],
  },
  crowd: {
    title: '400 viewers of one camera of 2 Mbit/s',
    unreclaimableMb: 52,
    rssMb: 106,
    crowds: server => [{ url: webSocket(server, HOUSE[0]!), viewers: 400, ramp: 10 }],
  },
  thousand: {
    title: '1,000 viewers of one camera of 2 Mbit/s',
    unreclaimableMb: 60,
    rssMb: 112,
    crowds: server => [1, 2].map(() => ({ url: webSocket(server, HOUSE[0]!), viewers: 500, ramp: 20 })),
  },
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}_${index}`)
}

function hls({ origin, token }: RunningServer, name: string): string {
  return `${origin}/api/camera/${name}/stream.m3u8?token=${token}`
}

function webSocket({ origin, token }: RunningServer, name: string): string {
  return `${origin.replace('http', 'ws')}/api/ws?src=${name}&token=${token}`
}
