import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { FRAMES_PER_SECOND } from '../../cameras/tape.ts'
import { Child } from '../../process/child.ts'
import { runDrain } from '../../process/drain.ts'
import { freePort } from '../../process/free-port.ts'
import { Opened } from '../../process/opened.ts'
import { bytesRead } from '../../process/proc.ts'
import { dropFromCache, ownNode, programFiles } from '../../process/program.ts'
import { environment, signedIn } from '../../process/server.ts'
import { BITRATE } from '../contest/transports.ts'
import { figure, print } from '../page/figure.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const ANSWER = 'first answer'
const LIMITS = { [ANSWER]: 300, 'first frame': 600 }
const TEMPERATURES = ['cold', 'warm'] as const
type Temperature = (typeof TEMPERATURES)[number]

interface Start {
  readonly answerMs: number
  readonly frameMs: number
  /** What the process had from the disk when it first answered. */
  readonly readMb: number
}

type Round = Readonly<Record<Temperature, Start>>

/** From the start of the process to the first answer, and to the first frame of a camera that nobody had open. */
export const start = section<Round>({
  title: 'Start',
  targets: () =>
    TEMPERATURES.flatMap(temperature =>
      Object.entries(LIMITS).map(([what, limit]) => ({
        what: `process start to ${what}, ${temperature}`,
        is: 'at most' as const,
        limit,
        unit: 'ms',
        of: (round: Round) => {
          const { answerMs, frameMs } = round[temperature]
          return what === ANSWER ? answerMs : frameMs
        },
      })),
    ),
  measure,
  tables: rounds => [
    {
      title: 'Milliseconds from the start of the process, on a database that is there already',
      columns: [
        '',
        'first answer of /health',
        'first decodable frame',
        'MB read from the disk until the answer',
      ],
      rows: TEMPERATURES.map(temperature => {
        const of = (pick: (start: Start) => number) =>
          print(figure(rounds.map(round => pick(round[temperature]))))
        return [
          temperature,
          of(({ answerMs }) => answerMs),
          of(({ frameMs }) => frameMs),
          of(({ readMb }) => readMb),
        ]
      }),
      note: `Cold: Node, \`dist/\` and the native packages have been dropped from the page cache; the libraries of the system are in it. Warm: they are in it from the start before.
The camera sends keyframes only: what a camera makes a newcomer wait for its next keyframe is not in the figure. The time in which the viewer itself starts is not in it either.`,
    },
  ],
})

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-start-'))
  await opened.add({ stop: () => rm(folder, { recursive: true, force: true }) })
  const cameras = await opened.add(runCameras({ load: { gop: 1 / FRAMES_PER_SECOND, bitrate: BITRATE } }))
  const node = await opened.add(ownNode())
  const port = await freePort()
  const env = {
    ...environment(cameras.origin),
    PATH: [dirname(node.path), process.env.PATH].join(delimiter),
    PORT: String(port),
    DATABASE_PATH: join(folder, 'camgate.db'),
    SECRET_KEY: 'of-a-measurement-and-never-used-elsewhere-0123456789',
  }
  const run = () => new Child('sh', ['bin/start', 'dist/server.js'], env)
  const first = await opened.add(run())
  const server = { databasePath: env.DATABASE_PATH, pid: async () => first.pid, stop: () => first.stop() }
  const { token } = await signedIn(first, server)
  const files = [node.path, ...programFiles(first.pid)]
  await first.stop()

  const measured = async (): Promise<Start> => {
    const startedAt = performance.now()
    await using running = new Opened()
    const child = await running.add(run())
    await answered(port)
    const answerMs = performance.now() - startedAt
    const readMb = bytesRead(child.pid) / 1e6
    const url = `ws://127.0.0.1:${port}/api/ws?src=load&token=${token}`
    const viewer = await running.add(runDrain({ urls: [url], viewers: 1, marks: true }))
    await viewer.playing()
    const { open, firstFrameMs } = await viewer.look()
    if (open < 1) throw new Error('the viewer was not served')
    return { answerMs, frameMs: answerMs + firstFrameMs.max, readMb }
  }
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    dropFromCache(files)
    rounds.push({ cold: await measured(), warm: await measured() })
  }
  return rounds
}

/** Asks until there is an answer. */
async function answered(port: number): Promise<void> {
  for (;;) {
    const status = await ask(port)
    if (status === 200) return
    if (status !== undefined) throw new Error(`the first answer of /health is ${status}`)
    await sleep(1)
  }
}

/** The status of `/health`; none where nobody listens yet. */
function ask(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /health HTTP/1.1\r\nhost: start\r\n\r\n'),
    )
    socket.once('data', answer => {
      socket.destroy()
      resolve(Number(answer.toString('latin1', 9, 12)))
    })
    socket.once('error', () => resolve(undefined))
  })
}
