import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Test } from 'tap'

interface Probed {
  readonly port: number
  readonly pid: number
}

const PAUSE_MS = 1

/**
 * Asks a server for its health again and again, on one connection and from a thread of its own, so that nothing else of the test is
 * measured. `during` tells the longest that an answer took meanwhile, in milliseconds: as long as the server's event loop was held.
 * While the kernel let others run in its place, that is no time of the server's.
 */
export async function delayProbe(t: Test, { port, pid }: Probed) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port, pid } })
  t.teardown(() => worker.terminate())
  const longest = () =>
    new Promise<number>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      worker.postMessage('longest')
    })
  return {
    during: async (work: () => Promise<unknown>): Promise<number> => {
      await longest()
      await work()
      return longest()
    },
  }
}

/** Answers each message with the longest since the one before, as soon as the answer that it waits for is there. */
async function probe({ port, pid }: Probed): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  const ranMs = runtimeOf(pid)
  let asked = false
  parentPort!.on('message', () => {
    asked = true
  })
  for (let longest = 0; ; ) {
    const [before, ran] = [performance.now(), ranMs()]
    socket.write('GET /health HTTP/1.1\r\nHost: camgate\r\n\r\n')
    await new Promise(resolve => socket.once('data', resolve))
    longest = Math.max(longest, Math.min(performance.now() - before, ranMs() - ran))
    if (asked) {
      asked = false
      parentPort!.postMessage(longest)
      longest = 0
    }
    await sleep(PAUSE_MS)
  }
}

/** Tells how long the main thread of a process has run so far, in milliseconds; where the kernel does not count that, what time it is. */
function runtimeOf(pid: number): () => number {
  const path = `/proc/${pid}/task/${pid}/schedstat`
  if (!existsSync(path)) return () => performance.now()
  return () => Number(readFileSync(path, 'utf8').split(' ', 1)[0]) / 1e6
}

if (!isMainThread && workerData?.pid !== undefined) await probe(workerData)
