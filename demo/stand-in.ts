import { parseArgs } from 'node:util'
import { type SyntheticOptions, synthetic } from './footage/synthetic.ts'
import { bundledStreams } from './go2rtc/cameras.ts'
import { Go2rtc } from './go2rtc/go2rtc.ts'

/**
 * The stand-in for go2rtc as a process of its own: prints its address as one line, ends on SIGINT and SIGTERM.
 *
 *     node demo/stand-in.ts --port 1984 --synthetic 'load={"gop":2,"bitrate":4000000}'
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    synthetic: { type: 'string', multiple: true, default: [] },
  },
})

const made = values.synthetic.map(argument => {
  const [name = '', options = '{}'] = argument.split(/=(.*)/s)
  return [name, [synthetic(JSON.parse(options) as SyntheticOptions)]] as const
})
const go2rtc = new Go2rtc({
  streams: { ...bundledStreams(), ...Object.fromEntries(made) },
  host: values.host,
  port: Number(values.port),
})
await go2rtc.start()
console.log(go2rtc.origin)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => go2rtc.stop())
