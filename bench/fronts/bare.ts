import { Child } from '../process/child.ts'

/** `bench/programs/bare.ts` with the memory limits of the server. */
export async function runBare() {
  const flags = ['--max-old-space-size=64', '--max-semi-space-size=1']
  const child = new Child(process.execPath, [...flags, 'bench/programs/bare.ts'], { NODE_ENV: 'production' })
  const [, origin = ''] = await child.line(/listening at (http:\S+)/)
  return { origin, pid: child.pid, stop: () => child.stop() }
}
