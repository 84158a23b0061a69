import { runBare } from '../process/bare.ts'
import { Contest, type Entry } from './contest.ts'
import { OURS, openEntrants } from './entrants.ts'
import type { Looks } from './fan-out.ts'
import { figure } from './figure.ts'
import type { Plot, Results, Section } from './section.ts'
import { TRANSPORT_NAMES, type Transport } from './transports.ts'

/** So many viewers of each there is room for on the machine at the same time; and of all but nginx, which needs three times as much with its upstream. */
const MOST_AT_ONCE = 100
const MOST_WITHOUT_NGINX = 400
const A_GOP = 2
/** Where there is a target and little to count: more often, and when V8 has compiled what comes in and what goes out, 60 times a second: it waits for 2,000 calls. */
const AT_ONCE: Readonly<Record<number, Looks>> = {
  1: { seconds: A_GOP, times: 2 },
  10: { seconds: A_GOP, times: 2 },
  100: { seconds: A_GOP, times: 6, after: 36 },
  /** What hundreds leave behind when they come has been collected by then. */
  400: { seconds: A_GOP, times: 5, after: 8 },
  1000: { seconds: A_GOP },
}

const taskOf = (transport: Transport, viewers: number) =>
  `${TRANSPORT_NAMES[transport]}, ${viewers} viewer${viewers === 1 ? '' : 's'}`

/** CPU for each gigabyte that is delivered, by number of viewers of one camera. */
export const cpu = (transport: Transport): Section => ({
  title: `CPU of one camera over ${TRANSPORT_NAMES[transport]}, by viewers`,
  async run(quick) {
    const counts = quick ? [400] : Object.keys(AT_ONCE).map(Number)
    const contest = new Contest()
    const guard = await runBare()
    const entrants = await openEntrants(transport, counts, guard.origin, quick)
    try {
      for (const viewers of counts) {
        const entries = entrants
          .filter(({ takesPart }) => takesPart(viewers))
          .map(({ entry }) => entry(taskOf(transport, viewers), viewers))
        const looks = quick ? { seconds: A_GOP } : AT_ONCE[viewers]!
        for (const together of groups(entries, viewers)) await contest.measure(together, looks)
      }
    } finally {
      await Promise.all(entrants.map(entrant => entrant.stop()))
      await guard.stop()
    }
    return results(contest, transport, counts)
  },
})

/** Those there is room for at the same time, one group after another. */
function groups(entries: readonly Entry[], viewers: number): Entry[][] {
  if (viewers <= MOST_AT_ONCE) return [[...entries]]
  if (viewers > MOST_WITHOUT_NGINX) return entries.map(entry => [entry])
  return [
    entries.filter(({ name }) => !name.startsWith('nginx')),
    entries.filter(({ name }) => name.startsWith('nginx')),
  ]
}

function results(contest: Contest, transport: Transport, counts: readonly number[]): Results {
  const targets = [100, 400].flatMap(viewers =>
    OURS.flatMap(name => [
      ...contest.atMost(0.6, name, 'nginx', taskOf(transport, viewers)),
      ...contest.atMost(viewers === 400 ? 1 : 1.5, name, 'the floor', taskOf(transport, viewers)),
    ]),
  )
  const plot: Plot = {
    name: `cpu-${transport}`,
    title: `CPU per GB delivered, ${TRANSPORT_NAMES[transport]}`,
    x: 'viewers of one camera',
    y: 'seconds of CPU per GB',
    logarithmic: true,
    lines: [...OURS, 'nginx', 'the floor'].map(name => ({
      name,
      points: counts.flatMap(viewers => {
        const costs = contest.of(name, taskOf(transport, viewers))
        return costs.length > 0 ? [[viewers, figure(costs).median] as const] : []
      }),
    })),
  }
  const costs = contest.costs('Seconds of CPU of the serving process per GB delivered')
  return {
    tables: [
      {
        ...costs,
        note: `Up to ${MOST_AT_ONCE} viewers all are served at the same time, each by its own upstream, so that each look is a round; up to ${MOST_WITHOUT_NGINX} all but nginx, which comes after them; above that they take turns.`,
      },
      contest.shares(),
    ],
    targets,
    plots: [plot],
    raw: contest.measurements,
  }
}
