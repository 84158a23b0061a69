import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { MemoryFigures } from '../../schemas/memory.ts'

/** Nothing restarts for its age; a client that marks old processes needs a number. */
const MAX_UPTIME_HOURS = 8760

/** For whoever may not see every camera: these figures move with each camera that is watched. */
const NOT_TOLD = { unreclaimable_mb: 0, rss_mb: 0, swap_mb: 0, vms_mb: 0 }

const memory: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/debug/memory',
    {
      schema: {
        summary: 'Memory of the process; for an administrator also where it is',
        description:
          'For a user of chosen cameras the sizes in `memory` are 0: they would tell of other cameras.',
        response: {
          200: Type.Object(
            {
              memory: MemoryFigures,
              thresholds: Type.Object({
                unreclaimable_mb: Type.Number({ description: 'Where the watchdog begins to trim' }),
                rss_mb: Type.Number({
                  description: 'The same in resident memory: with the pages of files that are mapped now',
                }),
                swap_mb: Type.Number(),
                max_uptime_hours: Type.Number(),
              }),
            },
            { additionalProperties: true },
          ),
        },
      },
    },
    async ({ identity }) => {
      const { read, figures, thresholds, megabytes, describe } = app.memory
      const reading = read()
      const seesAll = app.cameras.maySeeAll(identity)
      return {
        memory: { ...figures(reading), ...(seesAll ? {} : NOT_TOLD) },
        thresholds: {
          unreclaimable_mb: megabytes(thresholds.trim),
          rss_mb: megabytes(thresholds.trim + (seesAll ? reading.files : 0)),
          swap_mb: megabytes(thresholds.trimSwap),
          max_uptime_hours: MAX_UPTIME_HOURS,
        },
        ...(identity.isAdmin ? { ...describe(), watchdog: app.watchdog.describe() } : {}),
      }
    },
  )
}
export default memory
