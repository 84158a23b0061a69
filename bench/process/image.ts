import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { Child } from './child.ts'
import { environment, type RunningServer, signedIn } from './server.ts'

const run = promisify(execFile)
/** What docker-compose.yml allows the service. */
const LIMIT = '128m'
const USER = 1000

export interface RunningImage extends RunningServer {
  /** Throws when the kernel has killed something in the container for want of memory. */
  check(): Promise<void>
}

/** The image under the limit of the compose file, in the network that `bench/in-image.sh` has made for it. */
export async function runImage(
  image: string,
  go2rtc: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningImage> {
  const network = process.env.BENCH_NETWORK ?? 'host'
  const folder = await mkdtemp(join(tmpdir(), 'camgate-image-'))
  await chown(folder, USER, USER)
  const name = basename(folder)
  const settings = Object.entries({ ...environment(go2rtc), DATABASE_PATH: '/data/camgate.db', ...env })
  const child = new Child('docker', [
    ...['run', '--rm', '--name', name, '--network', network, '--read-only', '--volume', `${folder}:/data`],
    ...['--memory', LIMIT, '--memory-swap', LIMIT],
    ...settings.flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image,
  ])
  const inspect = async (format: string) =>
    (await run('docker', ['inspect', '--format', format, name])).stdout.trim()
  const server = await signedIn(child, {
    databasePath: join(folder, 'camgate.db'),
    pid: async () => Number(await inspect('{{.State.Pid}}')),
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  })
  return {
    ...server,
    check: async () => {
      const [killed, pid] = (await inspect('{{.State.OOMKilled}} {{.State.Pid}}')).split(' ')
      if (killed !== 'false' || Number(pid) !== server.pid) throw new Error(`${name} was killed`)
    },
  }
}
