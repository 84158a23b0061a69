import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import mqtt from 'mqtt'
import t, { type Test } from 'tap'
import type { HouseholdEvent } from '../../demo/frigate/household.ts'
import { eventId } from '../../demo/frigate/household.ts'
import { eventMessage } from '../../demo/frigate/shapes.ts'
import { startHouse } from '../support/house.ts'
import { mosquitto } from '../support/tools.ts'

interface Message {
  readonly id: string | undefined
  readonly event: string
  readonly data: { readonly id?: string; readonly camera?: string }
}

let made = 0
function happening(camera: string, endTime: number | null = null): HouseholdEvent {
  const startTime = Math.floor(Date.now() / 1000)
  return {
    id: eventId(startTime, `h${made++}`),
    camera,
    label: 'person',
    zones: ['Porch'],
    startTime,
    endTime,
    score: 0.8,
    hasClip: true,
    hasSnapshot: true,
  }
}

/** What an EventSource sees. */
async function listen(t: Test, url: string, headers: Record<string, string> = {}) {
  const gone = new AbortController()
  t.teardown(() => gone.abort())
  const reply = await fetch(url, { headers, signal: gone.signal })
  const messages: Message[] = []
  const ended = (async () => {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of reply.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
          const event = field('event')
          if (event !== undefined)
            messages.push({ id: field('id'), event, data: JSON.parse(field('data') ?? '{}') })
        }
      }
    } catch {
      // Cut from one side or the other.
    }
  })()
  const until = async (condition: () => boolean) => {
    while (!condition()) await after(20)
  }
  const has = (event: string, id?: string) =>
    until(() =>
      messages.some(message => message.event === event && (id === undefined || message.data.id === id)),
    )
  return { reply, messages, ended, has, leave: () => gone.abort() }
}

const streamOf = ({ origin }: { origin: string }, token: string) =>
  `${origin}/api/events/stream?token=${token}`

t.test("Frigate's own /ws: events arrive as they happen, from one connection for all", async t => {
  const house = await startHouse(t)
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => listen(t, streamOf(house, house.admin.token))),
  )
  t.equal(clients[0]?.reply.headers.get('content-type'), 'text/event-stream')
  await clients[0]?.has('ready')
  const sockets = () => [...house.frigate.webSockets].length
  while (sockets() === 0) await after(20)
  t.equal(sockets(), 1)
  const event = happening('Driveway')
  house.frigate.publishEvent(event, 'new')
  house.frigate.publish('stats', '{"service":{}}')
  house.frigate.publishEvent({ ...event, endTime: event.startTime + 3 }, 'end')
  await Promise.all(clients.map(client => client.has('end', event.id)))
  for (const { messages } of clients)
    t.same(
      messages.filter(({ data }) => data.id === event.id).map(message => message.event),
      ['new', 'end'],
    )
})

t.test('a guest would hear of another camera; a camera that is taken away ends the stream', async t => {
  const house = await startHouse(t)
  const guest = await house.guest('Driveway')
  const client = await listen(t, streamOf(house, guest.token))
  await client.has('ready')
  while ([...house.frigate.webSockets].length === 0) await after(20)
  house.frigate.publishEvent(happening('Nursery'), 'new')
  const own = happening('Driveway')
  house.frigate.publishEvent(own, 'new')
  await client.has('new', own.id)
  t.notOk(client.messages.some(({ data }) => data.camera === 'Nursery'))
  await house.admin.request(`/api/admin/users/${guest.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Front_Door'] },
  })
  await client.ended
  t.equal(house.app.eventFeed.listeners, 0)
})

t.test('a client that comes back would miss what happened', async t => {
  const house = await startHouse(t)
  const url = streamOf(house, house.admin.token)
  const first = await listen(t, url)
  await first.has('ready')
  while ([...house.frigate.webSockets].length === 0) await after(20)
  const [seen, missed] = [happening('Driveway'), happening('Driveway')]
  house.frigate.publishEvent(seen, 'new')
  await first.has('new', seen.id)
  const last = first.messages.find(({ data }) => data.id === seen.id)?.id ?? ''
  first.leave()
  await first.ended
  while (house.app.eventFeed.listeners > 0) await after(20)
  const nobody = await listen(t, url)
  await nobody.has('ready')
  house.frigate.publishEvent(missed, 'new')
  await nobody.has('new', missed.id)
  const back = await listen(t, url, { 'last-event-id': last })
  await back.has('ready')
  t.same(
    back.messages.map(({ event, data }) => `${event} ${data.id ?? ''}`),
    [`new ${missed.id}`, 'ready '],
  )
  const lost = await listen(t, url, { 'last-event-id': 'another-run.7' })
  await lost.has('ready')
  t.same(
    lost.messages.map(({ event }) => event),
    ['gap', 'ready'],
  )
})

t.test('Frigate without /ws: events come by polling, and by /ws again when it is back', async t => {
  const house = await startHouse(t)
  house.frigate.refuseWebSockets = true
  const client = await listen(t, streamOf(house, house.admin.token))
  await client.has('ready')
  const event = happening('Driveway')
  house.frigate.household.events.unshift(event)
  await client.has('new', event.id)
  house.frigate.household.events[0] = { ...event, endTime: event.startTime + 2 }
  await client.has('end', event.id)
  house.frigate.refuseWebSockets = false
  while ([...house.frigate.webSockets].length === 0) await after(20)
  const next = happening('Driveway')
  house.frigate.publishEvent(next, 'new')
  await client.has('new', next.id)
})

t.test('a real broker: events arrive over MQTT, also after it was restarted', async t => {
  const port = await freePort()
  let broker = await startBroker(t, port)
  const house = await startHouse(t, {}, { MQTT_URL: `mqtt://127.0.0.1:${port}` })
  const client = await listen(t, streamOf(house, house.admin.token))
  await client.has('ready')
  const publish = async (event: HouseholdEvent) => {
    const publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
    while (!client.messages.some(({ data }) => data.id === event.id)) {
      await publisher.publishAsync('frigate/events', JSON.stringify(eventMessage(event, 'new')))
      await publisher.publishAsync('frigate/events', 'no JSON {')
      await after(50)
    }
    await publisher.endAsync()
  }
  await publish(happening('Driveway'))
  await broker.stop()
  broker = await startBroker(t, port)
  await publish(happening('Driveway'))
  t.equal([...house.frigate.webSockets].length, 0, 'one source')
})

t.test('MQTT_TOPIC_PREFIX must not be without effect', async t => {
  const port = await freePort()
  await startBroker(t, port)
  const env = { MQTT_URL: `mqtt://127.0.0.1:${port}` }
  const named = await startHouse(t, {}, { ...env, MQTT_TOPIC_PREFIX: 'nvr/garden' })
  const usual = await startHouse(t, {}, env)
  const [client, other] = await Promise.all(
    [named, usual].map(house => listen(t, streamOf(house, house.admin.token))),
  )
  await Promise.all([client!.has('ready'), other!.has('ready')])
  const publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
  t.teardown(() => publisher.endAsync())
  const send = (topic: string, event: HouseholdEvent) =>
    publisher.publishAsync(topic, JSON.stringify(eventMessage(event, 'new')))
  const [mine, theirs] = [happening('Driveway'), happening('Garage')]
  const has = (listener: typeof client, { id }: HouseholdEvent) =>
    listener!.messages.some(({ data }) => data.id === id)
  while (!(has(client, mine) && has(other, theirs))) {
    await send('nvr/garden/events', mine)
    await send('frigate/events', theirs)
    await after(50)
  }
  t.notOk(has(client, theirs))
  t.notOk(has(other, mine))
})

t.test('the server would not close while somebody listens', async t => {
  const house = await startHouse(t)
  const client = await listen(t, streamOf(house, house.admin.token))
  await client.has('ready')
  await house.app.close()
  await client.ended
  t.equal((await startHouse(t)).app.eventFeed.listeners, 0)
})

t.test('without a session nobody listens', async t => {
  const house = await startHouse(t)
  t.equal((await fetch(`${house.origin}/api/events/stream`)).status, 401)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

async function startBroker(t: Test, port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'camgate-mqtt-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`)
  const broker = spawn(mosquitto(), ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
  const exited = new Promise(resolve => broker.once('exit', resolve))
  const stop = async () => {
    broker.kill()
    await exited
  }
  t.teardown(stop)
  while (!(await accepts(port))) await after(20)
  return { stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy()).once('connect', () => socket.end())
  })
}
