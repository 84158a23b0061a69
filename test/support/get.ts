import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { Get, type Times } from '../../src/go2rtc/connection.ts'
import { until } from './until.ts'

/** What has been sent has been read by then, if it is read at all. */
export async function someTurns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
}

/** A camera's connection that has been told of `first`; `told` runs each time it is told of something. */
export async function begunGet(
  t: Test,
  times: Times,
  { told = () => {} }: { told?: (get: Get) => void } = {},
) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pieces: string[] = []
  let ended = false
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const events = {
    head: () => {},
    body: (bytes: Uint8Array) => {
      pieces.push(Buffer.from(bytes).toString())
      told(get)
    },
    end: () => {
      ended = true
    },
  }
  const get = new Get(origin, '/', events, times)
  const [go2rtc] = (await once(server, 'connection')) as [Socket]
  t.teardown(() => {
    get.close()
    go2rtc.destroy()
    server.close()
  })
  await once(go2rtc, 'data')
  go2rtc.write('HTTP/1.0 200 OK\r\n\r\nfirst')
  await until(() => pieces.length > 0)
  return { get, go2rtc, told: pieces, ended: () => ended }
}
