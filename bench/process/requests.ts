import type { RequestFigures, RequestLoad } from '../load/requests.ts'
import { Child } from './child.ts'

export interface RequestResults extends RequestFigures {
  /** What the asking process itself used, of one core. */
  readonly cpu: number
}

/** `bench/requests.ts`; `counting` is called when the requests begin to count. */
export async function askInOwnProcess(load: RequestLoad, counting = () => {}): Promise<RequestResults> {
  const child = new Child(process.execPath, ['bench/requests.ts', JSON.stringify(load)])
  await child.line(/^counting/)
  counting()
  const [line] = await child.line(/^\{.*/)
  await child.stop()
  return JSON.parse(line) as RequestResults
}
