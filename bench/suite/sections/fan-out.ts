import { Opened } from '../../process/opened.ts'
import { atMost, Contest, type ContestRound, costTable, shareTable } from '../contest/contest.ts'
import { APART, CAMGATE, canBeApart, FLOOR, NGINX, openEntrants } from '../contest/entrants.ts'
import { type Scene, taskOf, total } from '../contest/scene.ts'
import { TRANSPORTS } from '../contest/transports.ts'
import type { Target } from '../page/verdict.ts'
import type { Plan } from '../plan.ts'
import { type Section, section } from '../section.ts'

/** Beyond so many viewers nginx, which needs three times as much with its upstream, comes after the others. */
const MOST_AT_ONCE = 100

/** What camgate may cost, as a multiple of what others do. */
interface Limits {
  readonly floor?: number
  readonly nginx?: number
}

type LimitedScene = Omit<Scene, 'transport'> & Limits

/** Those who live there: what a house has every day. */
const HOUSEHOLD: readonly LimitedScene[] = [
  { cameras: 9, viewers: 1, floor: 6 },
  { cameras: 9, viewers: 2, floor: 5 },
  { cameras: 9, viewers: 4, nginx: 1.6 },
  { cameras: 1, viewers: 1, floor: 6 },
  { cameras: 1, viewers: 10, floor: 3.5 },
]
const CROWD: readonly LimitedScene[] = [
  { cameras: 1, viewers: 100, floor: 1.2, nginx: 0.6 },
  { cameras: 1, viewers: 400, floor: 0.85, nginx: 0.6 },
  { cameras: 9, viewers: 50, nginx: 0.7 },
]

export const household = fanOut('The household', HOUSEHOLD)
export const crowd = fanOut('A crowd', CROWD, { slow: true })

/** CPU for each gigabyte that viewers receive, over both transports. */
function fanOut(title: string, limited: readonly LimitedScene[], { slow = false } = {}): Section {
  const scenesOf = ({ quick }: Plan) =>
    TRANSPORTS.slice(0, quick ? 1 : 2).flatMap(transport => limited.map(scene => ({ ...scene, transport })))
  return section<ContestRound>({
    title,
    slow,
    targets: plan => scenesOf(plan).flatMap(targetsOf),
    measure: plan => measure(scenesOf(plan), plan),
    tables: rounds => [
      costTable('Seconds of CPU of the serving process per GB delivered', rounds),
      shareTable(rounds),
    ],
  })
}

function targetsOf(scene: Scene & Limits): Target<ContestRound>[] {
  const ours = canBeApart(scene) ? [CAMGATE, APART] : [CAMGATE]
  return ours.flatMap(name => [
    ...(scene.floor ? [atMost(scene.floor, name, FLOOR, taskOf(scene))] : []),
    ...(scene.nginx ? [atMost(scene.nginx, name, NGINX, taskOf(scene))] : []),
  ])
}

async function measure(scenes: readonly Scene[], plan: Plan): Promise<ContestRound[]> {
  await using opened = new Opened()
  const entrants = await openEntrants(opened, scenes, plan)
  const contest = new Contest({ seconds: plan.quick ? 2 : 4, times: plan.rounds, after: 1.5 })
  for (const scene of scenes) {
    const taking = entrants.filter(({ takesPart }) => takesPart(scene))
    const isHeavy = (name: string) => total(scene) > MOST_AT_ONCE && name === NGINX
    const groups = [taking.filter(({ name }) => !isHeavy(name)), taking.filter(({ name }) => isHeavy(name))]
    for (const group of groups)
      if (group.length > 0) await contest.measure(group.map(entrant => entrant.entry(scene)))
  }
  return contest.rounds
}
