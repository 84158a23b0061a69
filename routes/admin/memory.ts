import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { MemoryFigures } from '../schemas/memory.ts'

const memory: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/debug/memory/cleanup',
    {
      schema: {
        summary: 'Give back what the process does not need at the moment',
        response: {
          200: Type.Object({
            cleanup_triggered: Type.Literal(true),
            objects_cleaned: Type.Integer({ description: 'Idle streams, pictures and connections let go' }),
            memory_before: MemoryFigures,
            memory_after: MemoryFigures,
            memory_saved: Type.Object({
              unreclaimable_mb: Type.Number(),
              rss_mb: Type.Number(),
              swap_mb: Type.Number(),
            }),
          }),
        },
      },
    },
    async () => {
      const { figures, trim, megabytes } = app.memory
      const { released, before, after } = await trim.run()
      return {
        cleanup_triggered: true as const,
        objects_cleaned: released,
        memory_before: figures(before),
        memory_after: figures(after),
        memory_saved: {
          unreclaimable_mb: megabytes(before.unreclaimable - after.unreclaimable),
          rss_mb: megabytes(before.rss - after.rss),
          swap_mb: megabytes(before.swap - after.swap),
        },
      }
    },
  )
}
export default memory
