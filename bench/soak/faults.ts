import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { House } from './house.ts'

type Fault = (house: House) => Promise<void>

/** What goes wrong in a house, each mended again before the next. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'go2rtc restarts': async ({ go2rtc }) => {
    await go2rtc.stop()
    await sleep(randomInt(50, 1500))
    await go2rtc.start()
  },
  'Frigate restarts': async ({ frigate }) => {
    await frigate.stop()
    await sleep(randomInt(50, 1500))
    await frigate.start()
  },
  'a camera stalls': async ({ go2rtc }) => {
    const stream = go2rtc.stream('Garage')
    stream.pause()
    await sleep(1500)
    stream.resume()
  },
  'a camera sends garbage': async ({ go2rtc }) => {
    for (const stream of go2rtc.streams) stream.garbage(randomBytes(randomInt(1, 4096)))
    await sleep(200)
  },
  'a camera ends': async ({ go2rtc }) => {
    go2rtc.stream('Driveway').closeAll()
    await sleep(200)
  },
  'a stream cannot be had': async ({ go2rtc }) => {
    go2rtc.stream('Garden').fail('dial tcp: i/o timeout')
    go2rtc.stream('Garden').closeAll()
    await sleep(1500)
    go2rtc.stream('Garden').fail(undefined)
  },
  'Frigate tells garbage': async ({ frigate }) => {
    for (let i = 0; i < 50; i++) frigate.publish('events', randomBytes(randomInt(1, 4096)).toString('base64'))
    await sleep(200)
  },
  'things happen at the cameras': async ({ frigate }) => {
    for (const event of frigate.household.events) frigate.publishEvent(event, 'update')
    await sleep(200)
  },
  'Frigate answers errors': async ({ frigate }) => {
    frigate.failWith = 500
    await sleep(1000)
    frigate.failWith = undefined
  },
  'Frigate is slow': async ({ frigate }) => {
    frigate.delayMs = 800
    await sleep(1500)
    frigate.delayMs = 0
  },
  'a clip stops half-way': async ({ frigate }) => {
    frigate.clipPaused = true
    await sleep(1500)
    frigate.clipPaused = false
  },
  'cameras come and go': async ({ cameras }) => {
    const name = `Extra_${randomInt(1000)}`
    cameras[name] = { zones: [] }
    await sleep(2000)
    delete cameras[name]
  },
}

/** One fault after another until the signal, each with the same pause after it; counts them. */
export async function makeTrouble(house: House, signal: AbortSignal, counts: Record<string, number>) {
  for (let turn = 0; !signal.aborted; turn++) {
    const names = Object.keys(FAULTS)
    const name = names[turn % names.length]!
    await FAULTS[name]!(house)
    counts[name] = (counts[name] ?? 0) + 1
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}
