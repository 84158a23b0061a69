import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type RunningImage, runImage } from './process/image.ts'
import { runServer } from './process/server.ts'
import { chart } from './soak/chart.ts'
import { soak } from './soak/run.ts'
import { complaints, table } from './soak/verdict.ts'

/**
 * Four days and more of use in a quarter of an hour, against stand-ins that restart, stall and send garbage:
 *
 *     npm run soak -- --seconds 900 --out soak-report
 *
 * Prints a table, writes `soak.json` and `soak.svg`, and ends with 1 if anything leaks. With `--image camgate` the server
 * is that image under its memory limit: see `bench/in-image.sh`.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '900' },
    out: { type: 'string', default: 'soak-report' },
    slope: { type: 'string', default: '0.3' },
    image: { type: 'string' },
  },
})
const { image, out } = values
let container: RunningImage | undefined
const report = await soak({
  seconds: Number(values.seconds),
  start: async (go2rtc, env) => {
    if (image === undefined) return runServer(go2rtc, { MEMORY_LIMIT_MB: '128', ...env })
    container = await runImage(image, go2rtc, env)
    return container
  },
  check: () => container?.check(),
})
console.table(table(report))
await mkdir(out, { recursive: true })
await writeFile(join(out, 'soak.json'), JSON.stringify(report, null, 1))
await writeFile(join(out, 'soak.svg'), chart(report))
const found = complaints(report, { slopeMb: Number(values.slope) })
for (const complaint of found) console.error(complaint)
process.exitCode = found.length > 0 ? 1 : 0
