import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { readContainer } from '../../src/memory/container.ts'
import { countDescriptors } from '../../src/memory/handles.ts'
import { readProcess } from '../../src/memory/process-reading.ts'
import { readMemory } from '../../src/memory/unreclaimable.ts'
import { byLabel, CONTENT_TYPE, expose, type Metric } from '../../src/metrics/exposition.ts'
import { HttpMetrics } from '../../src/metrics/http-metrics.ts'
import { serveMetrics } from '../../src/metrics/port.ts'
import { bearerMatches } from '../../src/metrics/token.ts'
import { STAGES } from '../../src/watchdog/stage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: {
      readonly contentType: string
      /** Whether metrics are served on this server, to whoever has the token. */
      readonly byToken: boolean
      allows(authorization: string | undefined): boolean
      text(): Promise<string>
      /** Where `METRICS_PORT` listens. */
      readonly port: number | undefined
    }
  }
}

/** What Prometheus gets; off, and free, unless a token or a port is set. */
export default fp(
  async app => {
    const { host, metricsToken, metricsPort } = app.config.server
    const http = new HttpMetrics()
    if (metricsToken !== undefined || metricsPort !== undefined)
      app.addHook('onResponse', (request, reply, done) => {
        http.count(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime / 1000)
        done()
      })
    const text = async () => {
      const upstreams = await app.system.states()
      return expose([...http.metrics(), ...processMetrics(), ...appMetrics(app, upstreams)])
    }
    const server = metricsPort === undefined ? undefined : await serveMetrics(host, metricsPort, text)
    app.addHook('onClose', async () => {
      server?.close()
      server?.closeAllConnections()
    })
    const address = server?.address()
    app.decorate('metrics', {
      contentType: CONTENT_TYPE,
      byToken: metricsToken !== undefined,
      allows: authorization => metricsToken !== undefined && bearerMatches(authorization, metricsToken),
      text,
      port: typeof address === 'object' ? address?.port : undefined,
    })
  },
  {
    name: 'metrics',
    dependencies: ['settings', 'accounts', 'system', 'live', 'memory', 'watchdog'],
  },
)

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', readings: [{ value }] }
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: 'counter', readings: [{ value }] }
}

/** Names that begin with `process_` are those that Prometheus' own client libraries give. */
function* processMetrics(): Generator<Metric> {
  const { heapUsed, external } = process.memoryUsage()
  const { userCPUTime, systemCPUTime, majorPageFault } = process.resourceUsage()
  const container = readContainer()
  const { unreclaimable, rss, swap, virtual } = readMemory(readProcess(), container)
  yield gauge('camgate_unreclaimable_bytes', 'Memory that the kernel cannot take back', unreclaimable)
  yield gauge('process_resident_memory_bytes', 'Resident memory', rss)
  yield gauge('camgate_swap_bytes', 'Memory of the process that is swapped out', swap)
  yield gauge('process_virtual_memory_bytes', 'Address space', virtual)
  yield counter('process_cpu_seconds_total', 'CPU time', (userCPUTime + systemCPUTime) / 1e6)
  yield gauge('process_start_time_seconds', 'Start', performance.timeOrigin / 1000)
  yield gauge('process_open_fds', 'Open file descriptors', countDescriptors() ?? 0)
  yield gauge('camgate_heap_used_bytes', 'JavaScript heap in use', heapUsed)
  yield gauge('camgate_external_bytes', 'Memory outside the heap that JavaScript holds', external)
  yield counter('camgate_major_page_faults_total', 'Pages that had to be read from disk', majorPageFault)
  if (!container) return
  yield gauge('camgate_container_usage_bytes', 'Memory of the container', container.usage)
  yield gauge('camgate_container_sockets_bytes', 'Buffers of sockets in the container', container.sockets)
  if (container.limit !== undefined)
    yield gauge('camgate_container_limit_bytes', 'What the container may use', container.limit)
}

type Upstreams = Awaited<ReturnType<FastifyInstance['system']['states']>>

function* appMetrics(app: FastifyInstance, upstreams: Upstreams): Generator<Metric> {
  const { live, viewers, database, ledger, watchdog, memory } = app
  const { received, dropped, skips } = live.totals
  const { counts, stage } = watchdog.describe()
  const pool = database.counters
  yield gauge('camgate_streams', 'Live streams that are open', [...live.hubs()].length)
  yield gauge('camgate_live_bytes', 'Bytes that live streams hold', live.budget.used)
  yield gauge('camgate_live_limit_bytes', 'Bytes that live streams may hold', live.budget.limit)
  yield counter('camgate_live_received_bytes_total', 'Bytes of media received from cameras', received)
  yield counter('camgate_live_dropped_bytes_total', 'Bytes of media left out for lagging viewers', dropped)
  yield counter('camgate_live_skips_total', 'How often a lagging viewer was moved on', skips)
  yield {
    name: 'camgate_first_frame_seconds',
    help: 'Time until a viewer of live video is sent its first picture',
    type: 'histogram',
    readings: live.firstFrame.readings(),
  }
  yield gauge('camgate_connections', 'Open connections of clients', app.connections.open)
  yield counter(
    'camgate_refused_connections_total',
    'Connections beyond the limit or the share of their address',
    app.connections.refused,
  )
  yield gauge('camgate_requests', 'Requests that are being answered', app.admission.requests)
  yield gauge(
    'camgate_request_bytes',
    'Bytes that requests hold, with replies that nobody has taken',
    app.admission.bytes,
  )
  yield counter('camgate_refused_requests_total', 'Requests that got no place', app.admission.refused)
  yield gauge(
    'camgate_unfinished_body_bytes',
    'Bytes of bodies that are being received',
    app.unfinishedBodies.bytes,
  )
  yield counter('camgate_task_failures_total', 'Periodic tasks that failed; they go on', ledger.failures)
  yield {
    name: 'camgate_viewers',
    help: 'Running streams by kind',
    type: 'gauge',
    readings: byLabel('kind', viewers.countByKind()),
  }
  yield {
    name: 'camgate_open',
    help: 'What is acquired and not yet released',
    type: 'gauge',
    readings: byLabel(
      'kind',
      Object.fromEntries(Object.entries(ledger.describe()).map(([kind, { open }]) => [kind, open])),
    ),
  }
  yield gauge('camgate_database_connections', 'Open database connections', pool.open)
  yield counter('camgate_database_waits_total', 'Requests that waited for a database connection', pool.waited)
  yield counter('camgate_database_timeouts_total', 'Requests that waited in vain', pool.timed_out)
  yield {
    name: 'camgate_logins_total',
    help: 'Attempts to log in, by how they ended',
    type: 'counter',
    readings: byLabel('result', app.loginProtection.counts),
  }
  yield {
    name: 'camgate_up',
    help: 'Whether what this server stands on answers',
    type: 'gauge',
    readings: byLabel(
      'what',
      Object.fromEntries(
        Object.entries(upstreams)
          .filter(([, state]) => state !== 'absent')
          .map(([what, state]) => [what, state === 'up' ? 1 : 0]),
      ),
    ),
  }
  yield gauge(
    'camgate_event_loop_delay_seconds',
    'Lateness of timers, 99th percentile',
    memory.eventLoop.last.p99Ms / 1000,
  )
  yield gauge(
    'camgate_event_loop_utilization',
    'Share of time the event loop was busy',
    memory.eventLoop.last.utilization,
  )
  yield gauge('camgate_watchdog_stage', '0 normal, 1 trim, 2 shed, 3 restart', STAGES.indexOf(stage))
  yield {
    name: 'camgate_watchdog_actions_total',
    help: 'What the memory watchdog did',
    type: 'counter',
    readings: byLabel('action', counts),
  }
}
