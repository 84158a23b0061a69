import type { RequestFigures, RequestLoad } from '../load/requests.ts'
import { Child } from './child.ts'

export interface RequestResults extends RequestFigures {
  /** What the asking process itself used, of one core. */
  readonly cpu: number
}

/** `bench/programs/requests.ts`; `counting` is called when the requests begin to count. Throws when an answer is not a 200. */
export async function askInOwnProcess(load: RequestLoad, counting = () => {}): Promise<RequestResults> {
  const child = new Child(process.execPath, ['bench/programs/requests.ts', JSON.stringify(load)])
  await child.line(/^counting/)
  counting()
  const [line] = await child.line(/^\{.*/)
  await child.stop()
  const results = JSON.parse(line) as RequestResults
  if (results.failed > 0) throw new Error(`${results.failed} answers of ${load.path} were not 200`)
  return results
}
