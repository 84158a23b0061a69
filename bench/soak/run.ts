import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetPeak, type Reading as ProcessReading, readProcess } from '../process/proc.ts'
import type { RunningServer } from '../process/server.ts'
import type { RequestCounts } from './caller.ts'
import { makeTrouble } from './faults.ts'
import { type House, startHouse } from './house.ts'
import { cleanUp, look, type MemoryReport, rest, unreleased } from './memory-report.ts'
import { askAll, clients, comeAndGo, guess } from './requests.ts'
import { readRoutes } from './routes.ts'
import { slope } from './slope.ts'
import { lag, type StreamCounts, watch } from './streams.ts'

export interface SoakOptions {
  readonly seconds: number
  /** The longest wait until all is released, once nobody uses the server any more. */
  readonly restSeconds?: number
  /** Starts the server between these upstreams. */
  start(go2rtc: string, env: Readonly<Record<string, string>>): Promise<RunningServer>
  /** Looked at when all is over and the server still runs; throws if that is another one than was started. */
  check?(): Promise<void> | undefined
}

/** At one moment; megabytes, operations so far. */
export interface Checkpoint extends Pick<ProcessReading, 'unreclaimableMb' | 'rssMb' | 'containerMb'> {
  readonly seconds: number
  readonly operations: number
}

export interface SoakReport {
  readonly seconds: number
  readonly requests: RequestCounts
  /** Of `openapi.json`, those that requests have to reach. */
  readonly routes: number
  readonly streams: StreamCounts
  readonly troubles: Readonly<Record<string, number>>
  readonly unreclaimableMb: { readonly warm: number; readonly peak: number; readonly final: number }
  readonly rssMb: { readonly warm: number; readonly peak: number; readonly final: number }
  /** The most that the container took; `undefined` where there is none. */
  readonly containerMb: number | undefined
  /** Megabytes of RSS for each 10,000 operations, from readings after a clean-up each. */
  readonly slopeMb: number
  readonly heapMb: number
  /** Media at most, and what was allowed. */
  readonly budgetMb: { readonly peak: number; readonly limit: number }
  /** Kinds of which something is open although nobody uses the server. */
  readonly unreleased: Readonly<Record<string, number>>
  /** Open files and sockets. */
  readonly files: { readonly start: number; readonly end: number }
  readonly walBytes: number
  readonly watchdog: MemoryReport['watchdog']
  readonly readings: readonly Checkpoint[]
  readonly checkpoints: readonly Checkpoint[]
}

const ASKING = 4
const WATCHING = 15
const LAGGING = 3
const CHECKPOINTS = 20
/** The part of the time after which the process counts as warm. */
const WARM = 0.25
const MIB = 1024 * 1024

const ENV = {
  TRUSTED_PROXIES: '127.0.0.1',
  API_REQUESTS_PER_MINUTE: '1000000',
  LIVE_LINGER_SECONDS: '2',
  LIVE_HOLD_SECONDS: '2',
  LIVE_STALLED_SECONDS: '3',
  LIVE_SILENT_SECONDS: '2',
}

/** Days of use in a few minutes, with everything going wrong that can; then rest, and a look at what is left. */
export async function soak({ seconds, restSeconds = 45, start, check }: SoakOptions): Promise<SoakReport> {
  const house = await startHouse()
  try {
    const server = await start(house.go2rtc.origin, { ...ENV, FRIGATE_HOST: house.frigate.origin })
    try {
      const report = await measure(house, server, seconds, restSeconds)
      await check?.()
      return report
    } finally {
      await server.stop()
    }
  } finally {
    await house.close()
  }
}

async function measure(house: House, server: RunningServer, seconds: number, restSeconds: number) {
  const requests: RequestCounts = { requests: 0, faults: 0, byStatus: {}, byRoute: {} }
  const streams: StreamCounts = {}
  const troubles: Record<string, number> = {}
  const readings: Checkpoint[] = []
  const checkpoints: Checkpoint[] = []
  const files = (await look(server)).open_files
  forgetPeak(server.pid)
  const startedAt = performance.now()
  const since = () => (performance.now() - startedAt) / 1000
  const reading = (): Checkpoint => {
    const { unreclaimableMb, rssMb, containerMb } = readProcess(server.pid)
    const opened = Object.values(streams).reduce((sum, count) => sum + count, 0)
    return { seconds: since(), operations: requests.requests + opened, unreclaimableMb, rssMb, containerMb }
  }

  const stop = new AbortController()
  const { signal } = stop
  const events = house.frigate.household.events.slice(0, 10).map(({ id }) => id)
  const routes = readRoutes(events)
  const load = Promise.all([
    clients(ASKING, askAll(routes), server, signal, requests),
    clients(1, guess, server, signal, requests),
    clients(1, comeAndGo, server, signal, requests),
    ...Array.from({ length: WATCHING }, () => watch(server, events, signal, streams)),
    ...Array.from({ length: LAGGING }, () => lag(server, events, signal, streams, 'stalled')),
    ...Array.from({ length: LAGGING }, () => lag(server, events, signal, streams, 'slow')),
    makeTrouble(house, signal, troubles),
  ])
  const sampler = setInterval(() => readings.push(reading()), 500)
  try {
    for (let turn = 1; turn <= CHECKPOINTS; turn++) {
      await sleep(Math.max(0, (seconds * turn * 1000) / CHECKPOINTS - since() * 1000))
      await cleanUp(server)
      checkpoints.push(reading())
    }
  } finally {
    clearInterval(sampler)
    stop.abort()
    await load
  }

  const rested = await rest(server, files, restSeconds)
  const warm = checkpoints.filter(checkpoint => checkpoint.seconds >= seconds * WARM)
  const container = [...readings, ...checkpoints].flatMap(({ containerMb }) => containerMb ?? [])
  return {
    seconds,
    requests,
    routes: routes.length,
    streams,
    troubles,
    unreclaimableMb: {
      warm: warm[0]?.unreclaimableMb ?? 0,
      peak: Math.max(...[...readings, ...checkpoints].map(({ unreclaimableMb }) => unreclaimableMb)),
      final: rested.memory.unreclaimable_mb,
    },
    rssMb: {
      warm: warm[0]?.rssMb ?? 0,
      peak: readProcess(server.pid).peakMb,
      final: rested.memory.rss_mb,
    },
    containerMb: container.length > 0 ? Math.max(...container) : undefined,
    slopeMb:
      slope(warm.map(({ operations, unreclaimableMb }) => ({ x: operations, y: unreclaimableMb }))) * 10_000,
    heapMb: rested.heap.used_mb,
    budgetMb: { peak: rested.budget.peak_bytes / MIB, limit: rested.budget.limit_bytes / MIB },
    unreleased: unreleased(rested),
    files: { start: files, end: rested.open_files },
    walBytes: await stat(`${server.databasePath}-wal`).then(
      ({ size }) => size,
      () => 0,
    ),
    watchdog: rested.watchdog,
    readings,
    checkpoints,
  }
}
