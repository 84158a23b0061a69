import type { Ledger } from '../../ledger/ledger.ts'
import type { LiveSource } from './camera-connection.ts'

/** The same source, its connections counted until they are closed from either side. */
export function countedSource(source: LiveSource, ledger: Ledger): LiveSource {
  return {
    open(stream, variant, receiver) {
      const release = ledger.acquire('live upstream connections')
      const connection = source.open(stream, variant, {
        data: receiver.data,
        end: error => {
          release()
          receiver.end(error)
        },
      })
      return {
        close: () => {
          release()
          connection.close()
        },
        read: () => connection.read(),
        get paused() {
          return connection.paused
        },
      }
    },
  }
}
