import { type RequestLoad, runRequests } from '../load/requests.ts'

/** Requests as a process of its own: `node bench/programs/requests.ts '{"origin":…}'`, a line when they begin to count and one of JSON at the end. */
const load = JSON.parse(process.argv[2]!) as RequestLoad
let before = process.cpuUsage()
const figures = await runRequests(load, () => {
  before = process.cpuUsage()
  console.log('counting')
})
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ ...figures, cpu: (user + system) / 1e6 / load.seconds }))
