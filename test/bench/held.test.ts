import t from 'tap'
import { runStandIn } from '../../bench/cameras/stand-in.ts'
import { complaints, hold } from '../../bench/held/hold.ts'
import { runServer } from '../../bench/process/server.ts'
import { ensureBuilt } from '../support/built-server.ts'

t.test('a promise that is not kept is not told, or one that is kept is', async t => {
  const standIn = await runStandIn({ cam: { gop: 0.4, bitrate: 500_000 } })
  t.teardown(() => standIn.stop())
  await ensureBuilt()
  const server = await runServer(standIn.origin)
  t.teardown(() => server.stop())
  const url = `${server.origin.replace('http', 'ws')}/api/ws?src=cam&token=${server.token}`
  const scenario = {
    title: 'a few',
    unreclaimableMb: 1000,
    rssMb: 1000,
    crowds: () => [
      { url, viewers: 4, stalled: 1 },
      { url, viewers: 2 },
    ],
  }
  const held = await hold(server, scenario, 2)
  t.match(held, {
    budgetLimitMb: 24,
    viewers: [
      { viewers: 4, gotPicture: 4 },
      { viewers: 2, gotPicture: 2 },
    ],
  })
  t.ok(held.peakMb >= held.rssMb.median - 1)
  t.ok(held.budgetPeakMb > 0)
  t.same(complaints(held, scenario), [])
  t.same(
    complaints({ ...held, watchdogActions: { trim: 2 } }, { ...scenario, unreclaimableMb: 9, rssMb: 10 }),
    [
      `unreclaimable memory went up to ${held.unreclaimableMb.max} MB, 9 MB are promised`,
      `RSS went up to ${held.peakMb} MB, 10 MB are promised`,
      'the watchdog had to act: 2 times trim',
    ],
  )
})
