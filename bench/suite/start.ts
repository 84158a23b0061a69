import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../process/camera.ts'
import { Child } from '../process/child.ts'
import { runDrain } from '../process/drain.ts'
import { freePort } from '../process/free-port.ts'
import { environment, signedIn } from '../process/server.ts'
import { FRAMES_PER_SECOND } from '../process/tape.ts'
import { figure, print } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE } from './transports.ts'

/** From the start of the process to the first answer, and to the first frame of a camera that nobody had open. */
export const start: Section = {
  title: 'Cold start',
  async run(quick) {
    const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-start-'))
    const cameras = await runCameras({ load: { gop: 1 / FRAMES_PER_SECOND, bitrate: BITRATE } })
    const port = await freePort()
    const env = {
      ...environment(cameras.origin),
      PORT: String(port),
      DATABASE_PATH: join(folder, 'camgate.db'),
      SECRET_KEY: 'of-a-measurement-and-never-used-elsewhere-0123456789',
    }
    const run = () => new Child('sh', ['bin/start', 'dist/server.js'], env)
    const rounds: { answerMs: number; frameMs: number }[] = []
    try {
      const first = run()
      const { token } = await signedIn(first, {
        databasePath: env.DATABASE_PATH,
        pid: async () => first.pid,
        stop: () => first.stop(),
      })
      await first.stop()
      for (let round = 0; round < (quick ? 3 : 10); round++) {
        const startedAt = performance.now()
        const child = run()
        try {
          await answered(port)
          const answerMs = performance.now() - startedAt
          const url = `ws://127.0.0.1:${port}/api/ws?src=load&token=${token}`
          const viewer = runDrain({ urls: [url], viewers: 1, marks: true })
          await viewer.playing()
          const { firstFrameMs } = await viewer.look()
          rounds.push({ answerMs, frameMs: answerMs + firstFrameMs.max })
          await viewer.stop()
        } finally {
          await child.stop()
        }
      }
    } finally {
      await cameras.stop()
      await rm(folder, { recursive: true, force: true })
    }
    const answer = figure(rounds.map(({ answerMs }) => answerMs))
    const frame = figure(rounds.map(({ frameMs }) => frameMs))
    return {
      tables: [
        {
          title: 'Milliseconds from the start of the process, on a database that is there already',
          columns: ['first answer of /health', 'first decodable frame'],
          rows: [[print(answer), print(frame)]],
          note: 'The camera sends keyframes only: what a camera makes a newcomer wait for its next keyframe is not in the figure. The time in which the viewer itself starts is not in it either.',
        },
      ],
      targets: [
        { what: 'process start to first answer', figure: answer, is: 'at most', limit: 300, unit: 'ms' },
        { what: 'process start to first frame', figure: frame, is: 'at most', limit: 600, unit: 'ms' },
      ],
      plots: [],
      raw: rounds,
    }
  },
}

/** Asks until there is an answer. */
async function answered(port: number): Promise<void> {
  while (!(await ask(port))) await sleep(1)
}

function ask(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /health HTTP/1.1\r\nhost: start\r\n\r\n'),
    )
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
